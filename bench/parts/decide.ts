// The pure core: judge a command, fold its event. No actor, no log, no hash.
import { compilePolicy, PolicyDocument } from '../../domain/channel/policy.ts';
import type { StockCommand } from '../../domain/stock/commands.ts';
import { decide } from '../../domain/stock/decide.ts';
import { evolve } from '../../domain/stock/evolve.ts';
import { emptyStock, type Stock } from '../../domain/stock/stock.ts';
import { type Figure, figure } from '../figure.ts';
import { LOCATION, skuName } from '../load/request.ts';
import type { Part } from '../part.ts';
import { POLICY } from '../servers/evenstock-process.ts';

const SAMPLES = 5;

export const decidePart: Part = {
  name: 'decide',
  title: 'Pure decide and evolve',
  async run({ sizes }) {
    return [
      await costOf('decide.sale', 'decide + evolve, sale', sizes.calls, sale),
      await costOf('decide.reservation', 'decide + evolve, reservation', sizes.calls, reservation),
    ];
  },
};

type Make = (id: string, now: number) => StockCommand;
const common = { sku: skuName(0), location: LOCATION, quantity: 1, channel: 'webshop' } as const;
const sale: Make = (id, occurredAt) => ({ type: 'sale', id, ...common, occurredAt });
const reservation: Make = (id, now) => ({
  type: 'reservation.make',
  id,
  ...common,
  reservationId: id,
  owner: 'basket-1',
  expiresAt: now + 86_400_000,
});

async function costOf(id: string, title: string, calls: number, make: Make): Promise<Figure> {
  const samples: number[] = [];
  for (let sample = 0; sample <= SAMPLES; sample++) {
    const nanoseconds = run(calls, make);
    // The first one warms up.
    if (sample > 0) samples.push(nanoseconds);
    await new Promise(setImmediate);
  }
  return figure(id, title, 'ns', samples, `${calls.toLocaleString('en')} commands on one stock, ids remembered`);
}

function run(calls: number, make: Make): number {
  const policy = compilePolicy(PolicyDocument.parse(POLICY));
  const now = Date.now();
  const context = { now, policy: policy.stockPolicy(common.sku, LOCATION), source: 'bench' };
  const opening = make('opening', now);
  const receipt: StockCommand = {
    type: 'receipt',
    id: 'opening',
    sku: opening.sku,
    location: LOCATION,
    quantity: 1e9,
    occurredAt: now,
  };
  const commands = Array.from({ length: calls }, (_, n) => make(`command-${n}`, now));
  let stock = taken(emptyStock(), receipt, context, policy.memoryMs);
  const start = process.hrtime.bigint();
  for (const command of commands) stock = taken(stock, command, context, policy.memoryMs);
  const nanoseconds = Number(process.hrtime.bigint() - start) / calls;
  if (stock.revision !== calls) throw new Error(`${calls} commands led to revision ${stock.revision}`);
  return nanoseconds;
}

function taken(stock: Stock, command: StockCommand, context: Parameters<typeof decide>[2], memoryMs: number): Stock {
  const decision = decide(stock, command, context);
  if (decision.outcome !== 'accepted') throw new Error(`a command was ${decision.outcome}`);
  let after = stock;
  for (const event of decision.events) after = evolve(after, event, memoryMs);
  return after;
}
