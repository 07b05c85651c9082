// PostgreSQL without HTTP: as many callers as there are connections in the HTTP runs, over the same pool.
// A process of its own. Arguments: socket folder. Takes `{ variant, stocks, sizes }` over IPC, answers `{ rates }`.
import { StockCommand } from '../../domain/stock/commands.ts';
import { closedLoop } from '../load/closed-loop.ts';
import { seeded } from '../load/load.ts';
import { commandText, skuName } from '../load/request.ts';
import type { Sizes } from '../part.ts';
import { createPool, POOL_CONNECTIONS } from './pool.ts';
import { singleStatement, type TakesOne, transaction } from './statements.ts';

export interface DirectOrder {
  readonly variant: 'transaction' | 'statement';
  readonly stocks: number;
  readonly sizes: Sizes;
}

const pool = createPool({
  host: process.argv[2]!,
  user: 'bench',
  database: 'postgres',
  max: POOL_CONNECTIONS,
  idleTimeoutMillis: 0,
});
let sent = 0;

process.on('message', async ({ variant, stocks, sizes }: DirectOrder) => {
  const execute = variant === 'transaction' ? transaction : singleStatement;
  const random = seeded(7);
  const occurredAt = new Date().toISOString();
  const rates = await closedLoop(sizes, async () => {
    sent += 1;
    const text = commandText(
      'sale',
      `direct-${process.pid}-${sent}`,
      skuName(Math.floor(random() * stocks)),
      occurredAt,
    );
    const outcome = await execute(pool, StockCommand.parse(JSON.parse(text)) as TakesOne, text);
    if (outcome.outcome !== 'accepted') throw new Error('a command was refused');
  });
  process.send?.({ rates });
});
process.on('disconnect', () => process.exit(0));
