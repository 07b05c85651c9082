// Judges one command against a transfer: the events it makes, or why it makes none. A command is taken whole or not at
// all. Which events a status takes is the statechart's to say. Pure, never throws.
import type { Policy } from '../channel/policy.ts';
import { outsideWindow } from '../policy/window.ts';
import type { Sku } from '../stock/stream.ts';
import type { Instant } from '../time.ts';
import type { WorkflowDecision } from '../workflow.ts';
import { TRANSFER_LINES_MAX, type TransferCommand, type TransferCommandOf, type TransferRefusal } from './commands.ts';
import type { StockAnswered, TransferEvent, TransferHappening } from './events.ts';
import { evolve } from './evolve.ts';
import { statusAfter } from './machine.ts';
import { stuckAfterMs } from './policy.ts';
import {
  comingBack,
  isAccountedFor,
  lineOf,
  setAside,
  standingOf,
  type Transfer,
  type TransferLine,
  underWay,
} from './transfer.ts';

export interface TransferContext {
  readonly now: Instant;
  readonly policy: Policy;
}

type Refused = { readonly outcome: 'refused'; readonly reason: TransferRefusal; readonly detail: string };
type Verdict = readonly TransferHappening[] | Refused;

export function decide(
  transfer: Transfer,
  command: TransferCommand,
  context: TransferContext,
): WorkflowDecision<TransferEvent, TransferRefusal> {
  const verdict = judge(transfer, command, context);
  if ('reason' in verdict) return verdict;
  const events: TransferEvent[] = [];
  let state = transfer;
  const tell = (happening: TransferHappening) => {
    const before = state;
    state = evolve(before, happening, context.now);
    events.push({ ...happening, after: standingOf(state, before) });
  };
  for (const happening of verdict) tell(happening);
  const next = following(state);
  if (next !== undefined) tell(next);
  return { outcome: 'accepted', events };
}

/** What the lines, as they are now, have come to. */
function following(transfer: Transfer): TransferHappening | undefined {
  if (transfer.status === 'underway') return isAccountedFor(transfer) ? { type: 'TransferCompleted' } : undefined;
  if (transfer.status !== 'requesting') return undefined;
  const holds = [...transfer.lines.values()].map(({ hold }) => hold);
  if (holds.includes('asked')) return undefined;
  return { type: holds.includes('refused') ? 'TransferDeclined' : 'TransferSetAside' };
}

function judge(transfer: Transfer, command: TransferCommand, context: TransferContext): Verdict {
  if (command.type === 'open') return open(transfer, command, context);
  if (transfer.status === 'new') return refused('no-such-transfer', `there is no transfer ${transfer.id}`);
  switch (command.type) {
    case 'cancel':
      return cancel(transfer);
    case 'overdue':
      return overdue(transfer, context);
    case 'record':
      return record(transfer, command);
    default:
      return told(transfer, command, context);
  }
}

function open(
  transfer: Transfer,
  { from, to, lines }: TransferCommandOf<'open'>,
  { policy }: TransferContext,
): Verdict {
  if (transfer.status !== 'new') return refused('transfer-exists', `transfer ${transfer.id} exists already`);
  if (from === to) return refused('same-location', '/to is the location that the units would come from');
  for (const [field, location] of Object.entries({ from, to })) {
    if (!policy.knowsLocation(location)) {
      return refused('unknown-location', `/${field} the policy has no location ${location}`);
    }
  }
  return unknownSku(transfer, lines, policy) ?? bundled(lines, policy) ?? [{ type: 'TransferOpened', from, to, lines }];
}

/** Units that are on their way arrive, also when policy has forgotten their SKU since. */
function unknownSku(transfer: Transfer, lines: readonly { readonly sku: Sku }[], policy: Policy): Refused | undefined {
  const n = lines.findIndex(({ sku }) => !transfer.lines.has(sku) && !policy.knowsSku(sku));
  return n < 0 ? undefined : refused('unknown-sku', `/lines/${n}/sku the policy has no SKU ${lines[n]!.sku}`);
}

/** A bundle holds no stock that could be moved. */
function bundled(lines: readonly { readonly sku: Sku }[], { bundles }: Policy): Refused | undefined {
  const n = lines.findIndex(({ sku }) => bundles.of(sku) !== undefined);
  return n < 0
    ? undefined
    : refused('bundle-has-no-stock', `/lines/${n}/sku ${lines[n]!.sku} is a bundle: name its components`);
}

function cancel(transfer: Transfer): Verdict {
  const isSetAside = [...transfer.lines.values()].some((line) => setAside(line) > 0);
  if (isSetAside && statusAfter(transfer.status, 'TransferCalledOff') !== undefined) {
    return [{ type: 'TransferCalledOff' }];
  }
  return refused('nothing-to-cancel', `nothing is set aside for transfer ${transfer.id} that has not left`);
}

function overdue({ id, status, stuck, heardAt }: Transfer, { now, policy }: TransferContext): Verdict {
  const isDue = now >= heardAt + stuckAfterMs(policy.document.transfers);
  if (isDue && !stuck && statusAfter(status, 'TransferStuck') !== undefined) {
    return [{ type: 'TransferStuck', since: heardAt }];
  }
  return refused('not-overdue', `transfer ${id} has ended, is stuck already or was heard of lately`);
}

/**
 * What stocks said. Answers recorded before, by another process, are left out; but units that this transfer had been told
 * were not set aside are noted, to be freed: nobody else would.
 */
function record(transfer: Transfer, { answers }: TransferCommandOf<'record'>): Verdict {
  const owed = new Set(transfer.owed.map(({ id }) => id));
  const fresh = answers.flatMap(({ keeps, ...answer }): readonly StockAnswered[] => {
    if (owed.has(answer.commandId)) return [answer];
    return keeps !== undefined && lineOf(transfer, keeps).unkept === true ? [{ ...answer, stray: keeps }] : [];
  });
  return fresh.length === 0 ? [] : [{ type: 'TransferStocksAnswered', answers: fresh }];
}

type Told = TransferCommandOf<'dispatch' | 'receive' | 'over' | 'short' | 'reject' | 'return'>;

function told(transfer: Transfer, command: Told, context: TransferContext): Verdict {
  const { lines, occurredAt = context.now } = command;
  const outside = outsideWindow(occurredAt, context.now, context.policy);
  if (outside !== undefined) return refused('outside-window', outside);
  const bad =
    unknownSku(transfer, lines, context.policy) ?? tooMany(transfer, lines) ?? exceeding(transfer, command, lines);
  if (bad !== undefined) return bad;
  const what = { lines, occurredAt };
  switch (command.type) {
    case 'dispatch':
      return [{ type: 'TransferUnitsDispatched', ...what }];
    case 'receive':
      return [{ type: 'TransferUnitsReceived', ...what }];
    case 'over':
      return [
        { type: 'TransferUnitsOver', ...what, ...(command.reason === undefined ? {} : { reason: command.reason }) },
      ];
    case 'short':
      return [{ type: 'TransferUnitsShort', ...what, leg: command.leg, reason: command.reason }];
    case 'reject':
      return [{ type: 'TransferUnitsRejected', ...what, reason: command.reason }];
    case 'return':
      return [{ type: 'TransferUnitsReturned', ...what }];
  }
}

/** SKUs that were not asked for come on top, within reason. */
function tooMany({ id, lines }: Transfer, more: Told['lines']): Refused | undefined {
  const skus = lines.size + more.filter(({ sku }) => !lines.has(sku)).length;
  if (skus <= 2 * TRANSFER_LINES_MAX) return undefined;
  return refused(
    'too-many-lines',
    `/lines would make ${skus} SKUs of transfer ${id}, ${2 * TRANSFER_LINES_MAX} are the most`,
  );
}

/** Nobody can take, lose or send back more than is on its way. What leaves, and what is over, has no such bound. */
function exceeding(transfer: Transfer, command: Told, lines: Told['lines']): Refused | undefined {
  if (command.type === 'dispatch' || command.type === 'over') return undefined;
  const isBack = command.type === 'return' || (command.type === 'short' && command.leg === 'back');
  const onTheWay: (line: TransferLine) => number = isBack ? comingBack : underWay;
  for (const [n, { sku, quantity }] of lines.entries()) {
    const units = onTheWay(lineOf(transfer, sku));
    if (quantity <= units) continue;
    const way = isBack ? 'on the way back' : 'under way';
    const hint = command.type === 'receive' ? '; what arrived beyond them is over' : '';
    return refused('exceeds-in-transit', `/lines/${n}/quantity is ${quantity}, ${units} of ${sku} are ${way}${hint}`);
  }
  return undefined;
}

function refused(reason: TransferRefusal, detail: string): Refused {
  return { outcome: 'refused', reason, detail };
}
