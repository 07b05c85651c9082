// Clients of the basket workflow: they place baskets, then confirm or cancel them, and repeat what they were not told.
// Also the expiry of holds, as a process manager does it: whatever is due is expired, and nothing else.
import { SECOND } from '../../domain/time.ts';
import type { WorkflowAnswer } from '../../server/workflows/workflows.ts';
import type { VirtualTime } from '../support/virtual-time.ts';
import {
  type Basket,
  type BasketCommand,
  type BasketLine,
  type BasketPhase,
  type BasketReason,
  basketReservation,
  phaseOf,
} from './basket.ts';
import type { Chance } from './chance.ts';
import type { Journal } from './journal.ts';
import type { LogServer } from './log-connection.ts';
import type { SimulatedProcess } from './process.ts';
import type { Reference } from './reference.ts';
import type { Scenario } from './scenario.ts';
import type { Trace } from './trace.ts';

export interface PlacedBasket {
  readonly id: string;
  readonly lines: readonly BasketLine[];
  /** Client commands by id: accepted once, or why they never were. */
  readonly told: Map<string, 'accepted' | BasketReason>;
  /** Somebody was told so. */
  confirmed: boolean;
  cancelled: boolean;
}

export interface BasketTraffic {
  readonly baskets: readonly PlacedBasket[];
  /** Places one, or acts on one. */
  any(): void;
  /** Expires what is due. Returns how many holds are still open, due or not. */
  expireDue(): number;
  unsettled(): number;
}

export interface BasketRoom {
  readonly scenario: Scenario;
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly trace: Trace;
  readonly server: LogServer;
  readonly journal: Journal;
  readonly reference: Reference;
  readonly pick: () => SimulatedProcess | undefined;
}

type Told = WorkflowAnswer<Basket, BasketReason>;

const PATIENCE_MS = 5_000;
const RETRY_MS_MAX = 3_000;
const HOLD_MS_MIN = 5 * SECOND;
const HOLD_MS_MAX = 240 * SECOND;
const LINES_MAX = 4;

export function createBasketTraffic(room: BasketRoom): BasketTraffic {
  const { scenario, time, chance } = room;
  const baskets: PlacedBasket[] = [];
  let open = 0;
  let sent = 0;

  const deliver = async (of: PlacedBasket, command: BasketCommand): Promise<boolean> => {
    await time.sleep(chance.between(0, 30));
    const process = room.pick();
    if (process === undefined) return false;
    const heard = Promise.withResolvers<boolean>();
    const cancel = time.timers.after(PATIENCE_MS, () => heard.resolve(false));
    void process.workflows.baskets.submit(of.id, command, { source: 'client' }).then((answer) => {
      if (!process.life.alive) return;
      judge(room, of, command, answer, process);
      if (chance.maybe(scenario.networkLoss)) return;
      cancel();
      heard.resolve(answer.outcome !== 'failed');
    });
    return heard.promise;
  };
  const send = async (of: PlacedBasket, command: BasketCommand) => {
    open += 1;
    for (let n = chance.maybe(0.2) ? 2 : 1; n > 1; n -= 1) void deliver(of, command);
    while (!(await deliver(of, command))) await time.sleep(chance.between(50, RETRY_MS_MAX));
    open -= 1;
    if (command.type === 'place' && chance.maybe(0.8)) {
      await time.sleep(chance.wide(1, 30 * SECOND));
      sent += 1;
      await send(of, { id: `w${sent}`, type: chance.maybe(0.6) ? 'confirm' : 'cancel' });
    }
  };
  const place = () => {
    sent += 1;
    const lines = Array.from({ length: chance.between(1, LINES_MAX) }, () => ({
      sku: chance.pick(scenario.skus),
      location: chance.pick(scenario.locations),
      quantity: chance.between(1, 4),
    }));
    const of: PlacedBasket = { id: `${sent}`, lines, told: new Map(), confirmed: false, cancelled: false };
    baskets.push(of);
    const expiresAt = time.clock.now() + chance.wide(HOLD_MS_MIN, HOLD_MS_MAX);
    const channel = chance.pick(scenario.policy.channels).id;
    void send(of, { id: `w${sent}`, type: 'place', channel, expiresAt, lines });
  };

  return {
    baskets,
    any() {
      const known = baskets.at(-1);
      if (known === undefined || chance.maybe(0.7)) return place();
      // Somebody else gives the order up, whatever has come of it.
      sent += 1;
      void send(chance.pick(baskets), { id: `w${sent}`, type: 'cancel' });
    },
    expireDue() {
      room.reference.follow(room.server.log.events);
      const now = time.clock.now();
      let left = 0;
      for (const stock of room.reference.stocks.values()) {
        for (const [reservationId, { held, expiresAt }] of stock.holds) {
          if (!reservationId.startsWith('basket:') || held === 0) continue;
          left += 1;
          if (expiresAt > now) continue;
          const { sku, location } = stock;
          // Derived from the hold: what is due once is expired once, however often it is seen. A clock that is behind
          // refuses it; then it is asked again under the same id.
          const id = `expire:${reservationId}`;
          const known = room.journal.entry(id);
          if (known === undefined) room.journal.send({ id, type: 'reservation.expire', sku, location, reservationId });
          else if (known.settled) room.journal.repeat(known);
        }
      }
      return left;
    },
    unsettled: () => open,
  };
}

/** What every answer must hold, whoever hears it. */
function judge(room: BasketRoom, of: PlacedBasket, command: BasketCommand, answer: Told, process: SimulatedProcess) {
  const { trace } = room;
  const what = answer.outcome === 'accepted' ? phaseOf(answer.state) : answer.reason;
  trace.note(`${process.name} answers ${command.id} ${command.type} basket ${of.id}: ${answer.outcome}, ${what}`);
  if (answer.outcome === 'failed') return;
  const now = answer.outcome === 'accepted' ? 'accepted' : answer.reason;
  const first = of.told.get(command.id) ?? now;
  // What was refused may be taken when it is repeated, never the other way round.
  of.told.set(command.id, now === 'accepted' ? now : first);
  if (first === 'accepted' && now !== 'accepted') {
    trace.violated('P2', `${command.id} ${command.type} basket ${of.id} was accepted, and when repeated ${now}`);
  }
  if (answer.outcome !== 'accepted') return;
  if (command.type === 'confirm') of.confirmed = true;
  if (command.type === 'cancel') of.cancelled = true;
  if (answer.settled && !answer.duplicate) markPhase(trace, answer.state);
  if (answer.settled) checkSettled(room, of, phaseOf(answer.state));
}

function markPhase(trace: Trace, state: Basket): void {
  const phase = phaseOf(state);
  const hadSome = Object.values(state.answers).includes('accepted');
  if (phase === 'refused' && hadSome) trace.mark('compensated order');
  else if (phase === 'reserved' || phase === 'confirmed' || phase === 'cancelled') trace.mark(`basket ${phase}`);
}

/** What was told is so in the log at this moment: all lines or none. */
function checkSettled(room: BasketRoom, of: PlacedBasket, phase: BasketPhase): void {
  const { reference, server, trace, journal, scenario } = room;
  reference.follow(server.log.events);
  const kept = linesKept(reference, of);
  // Another process may have given it back since, or it was due.
  const mayHaveGone = scenario.remote || of.lines.some((_, n) => journal.entry(expiryOf(of.id, n)) !== undefined);
  if (kept !== of.lines.length && (phase === 'confirmed' || (phase === 'reserved' && !mayHaveGone))) {
    trace.violated('R7', `basket ${of.id} was told ${phase}, ${kept} of ${of.lines.length} lines are reserved`);
  }
}

const expiryOf = (id: string, line: number) => `expire:${basketReservation(id, line)}`;

/** Lines of which every unit is promised, by the reference model. */
export function linesKept(reference: Reference, { id, lines }: PlacedBasket): number {
  return lines.filter(({ sku, location, quantity }, n) => {
    const hold = reference.stocks.get(`${sku} at ${location}`)?.holds.get(basketReservation(id, n));
    return hold !== undefined && hold.held + hold.committed === quantity;
  }).length;
}
