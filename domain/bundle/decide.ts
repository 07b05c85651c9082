// Judges one command for a bundle: what is to be asked of its components, or why nothing is. Facts become events whatever
// they reveal; a reservation is made when every component accepts, and given back whole when one refuses. Pure, never throws.
import type { Policy } from '../channel/policy.ts';
import { isFact } from '../stock/commands.ts';
import type { RefusalReason } from '../stock/verdict.ts';
import { type Instant, MINUTE } from '../time.ts';
import type { WorkflowContext, WorkflowDecision } from '../workflow.ts';
import type { BundleCommand, BundleCommandOf } from './command.ts';
import type { BundleEvent, BundleHappening, ComponentAnswered, Definition } from './events.ts';
import { evolve } from './evolve.ts';
import { type BundleHold, definitionOf, type Handling, owedCount } from './handling.ts';

/** `record` comes from Evenstock itself. */
export type BundleWork =
  | { readonly type: 'take'; readonly id: string; readonly command: BundleCommand }
  | { readonly type: 'record'; readonly id: string; readonly answers: readonly Recorded[] };

export interface Recorded extends ComponentAnswered {
  /** Of the bundle, and of the component. */
  readonly commandId: string;
  readonly askId: string;
  /** The component has units reserved for it. */
  readonly reserved: boolean;
}

/** busy: an earlier command of this reservation waits for a component · not-a-bundle: nothing is known of it, here or in policy. */
export type BundleRefusal = RefusalReason | 'busy' | 'not-a-bundle';
export type BundleDecision = WorkflowDecision<BundleEvent, BundleRefusal>;

/** Facts this close to the end of the window are parked, so that no component, asked a moment later, parks its part alone. */
const WINDOW_MARGIN_MS = MINUTE;

export function decide(handling: Handling, work: BundleWork, context: WorkflowContext): BundleDecision {
  if (work.type === 'record') return record(handling, work);
  const { command } = work;
  const definition = definitionOf(handling) ?? definitionIn(context.policy, handling);
  if (isFact(command)) return fact(handling, command, definition, context);
  if (handling.pending.length > 0)
    return refused('busy', 'an earlier command of this reservation waits for a component');
  if (command.type === 'reservation.make') {
    if (handling.hold !== undefined) return refused('reservation-exists', `${command.reservationId} is already open`);
    return make(handling, command, definitionIn(context.policy, handling), context);
  }
  if (handling.hold !== undefined) return ofHold(handling, handling.hold, command as HoldCommand, context.now);
  if (definition === undefined && handling.events === 0) return refused('not-a-bundle', `${handling.sku} is no bundle`);
  return refused('unknown-reservation', 'it is not open here');
}

function definitionIn({ bundles }: Policy, { sku }: Handling): Definition | undefined {
  const bundle = bundles.of(sku);
  return bundle && { version: bundle.version, components: bundle.components };
}

function fact(
  handling: Handling,
  command: BundleCommand,
  definition: Definition | undefined,
  { now, policy }: WorkflowContext,
): BundleDecision {
  if (definition === undefined) return refused('not-a-bundle', `${handling.sku} is no bundle`);
  const { occurredAt = now } = command;
  const { windowMs, clockSkewMsMax } = policy.stockPolicy(handling.sku, handling.location);
  const origin = originOf(command);
  const isTooOld = occurredAt < now - windowMs + WINDOW_MARGIN_MS;
  if (isTooOld || occurredAt > now + clockSkewMsMax) {
    const { id: _, source, sku: __, location: ___, ...said } = command;
    const reason = isTooOld ? 'too-old' : 'from-the-future';
    const sequence = source?.sequence === undefined ? undefined : { sequence: source.sequence };
    return tell(handling, command.id, {
      type: 'BundleFactParked',
      reason,
      fact: said as Record<string, string | number>,
      ...sequence,
    });
  }
  switch (command.type) {
    case 'sale': {
      const { quantity, channel, reservationId } = command;
      return tell(handling, command.id, {
        type: 'BundleSold',
        ...origin,
        ...{ quantity, definition },
        ...(channel === undefined ? undefined : { channel }),
        ...(reservationId === undefined ? undefined : { reservationId }),
      });
    }
    case 'return': {
      const { quantity, channel, disposition } = command;
      const sold = channel === undefined ? undefined : { channel };
      return tell(handling, command.id, {
        type: 'BundleReturned',
        ...origin,
        quantity,
        disposition,
        definition,
        ...sold,
      });
    }
    default: {
      const { quantity, reservationId } = command as BundleCommandOf<'fulfilment'>;
      return tell(handling, command.id, { type: 'BundleFulfilled', ...origin, quantity, reservationId, definition });
    }
  }
}

/** What goes with a command to those for its components. */
function originOf({ occurredAt, source, correlationId }: BundleCommand) {
  return {
    ...(occurredAt === undefined ? undefined : { occurredAt }),
    ...(source?.sequence === undefined ? undefined : { sequence: source.sequence }),
    ...(correlationId === undefined ? undefined : { correlationId }),
  };
}

function make(
  handling: Handling,
  command: BundleCommandOf<'reservation.make'>,
  definition: Definition | undefined,
  { now, free }: WorkflowContext,
): BundleDecision {
  if (definition === undefined) return refused('not-a-bundle', `${handling.sku} is no bundle`);
  const { reservationId, quantity, owner, channel, expiresAt } = command;
  if (expiresAt <= now) return refused('expiry-not-in-future', 'expiresAt has already passed');
  let [first, least] = ['', Number.POSITIVE_INFINITY];
  for (const component of definition.components) {
    const makes = free(component.sku, handling.location, channel) / component.quantity;
    if (makes < least) [first, least] = [component.sku, makes];
  }
  const asked = { reservationId, quantity, owner, channel, expiresAt, first, definition };
  return tell(handling, command.id, { type: 'BundleReservationAsked', ...originOf(command), ...asked });
}

type HoldCommand = BundleCommandOf<
  'reservation.renew' | 'reservation.commit' | 'reservation.release' | 'reservation.expire'
>;

/** As a stock judges its reservations; the components hold as many units more as their quantity, so they do the same. */
function ofHold(handling: Handling, hold: BundleHold, command: HoldCommand, now: Instant): BundleDecision {
  const { reservationId } = command;
  const origin = originOf(command);
  switch (command.type) {
    case 'reservation.renew': {
      const { expiresAt } = command;
      if (expiresAt <= now) return refused('expiry-not-in-future', 'expiresAt has already passed');
      return tell(handling, command.id, { type: 'BundleReservationRenewed', ...origin, reservationId, expiresAt });
    }
    case 'reservation.commit': {
      const quantity = command.quantity ?? hold.held;
      if (quantity > hold.held || hold.held === 0) return exceeds(hold.held, quantity);
      return tell(handling, command.id, { type: 'BundleReservationCommitted', ...origin, reservationId, quantity });
    }
    case 'reservation.release': {
      const promised = hold.held + hold.committed;
      const quantity = command.quantity ?? promised;
      if (quantity > promised) return exceeds(promised, quantity);
      return tell(handling, command.id, { type: 'BundleReservationReleased', ...origin, reservationId, quantity });
    }
    case 'reservation.expire':
      if (hold.expiresAt > now || hold.held === 0) return refused('not-due', 'no held bundle has reached its expiry');
      return tell(handling, command.id, {
        type: 'BundleReservationExpired',
        ...origin,
        reservationId,
        quantity: hold.held,
      });
  }
}

function exceeds(limit: number, asked: number): BundleDecision {
  return refused('exceeds-reservation', `${limit} bundles can be, ${asked} were asked for`);
}

/**
 * What components said. Answers recorded before, by another process, are left out; but a component that now says it is
 * reserved, and was recorded as refusing, is given back: nobody else would.
 */
function record(handling: Handling, { id, answers }: Extract<BundleWork, { type: 'record' }>): BundleDecision {
  const owed = handling.pending[0]?.asks ?? [];
  const fresh = answers.flatMap(({ commandId, askId, reserved, ...answer }): readonly ComponentAnswered[] => {
    if (owed.some((ask) => ask.id === askId && ask.sku === answer.sku)) return [answer];
    const known = handling.told.get(commandId)?.components.find(({ sku }) => sku === answer.sku);
    return reserved && known?.outcome === 'refused' ? [{ ...answer, strayOf: commandId }] : [];
  });
  if (fresh.length === 0) return { outcome: 'accepted', events: [] };
  return tell(handling, id, { type: 'BundleComponentsAnswered', answers: fresh });
}

/** The event, what follows from it at once, and how much is owed after each. */
function tell(before: Handling, commandId: string, happening: BundleHappening): BundleDecision {
  const events: BundleEvent[] = [];
  let handling = before;
  for (let next: BundleHappening | undefined = happening; next !== undefined; next = outcomeOf(handling)) {
    handling = evolve(handling, { ...next, commandId, source: '' });
    events.push({ ...next, owed: owedCount(handling) });
  }
  return { outcome: 'accepted', events };
}

/** Once all that were asked for a reservation have answered: is it made or refused? */
function outcomeOf({ pending: [first], told }: Handling): BundleHappening | undefined {
  if (first?.change === undefined || !('made' in first.change) || first.asks.length > 0) return undefined;
  const { reservationId, held: quantity, channel } = first.change.made;
  const refusing = told.get(first.commandId)?.components.find(({ refusal }) => refusal !== undefined);
  if (refusing?.refusal === undefined) return { type: 'BundleReservationMade', reservationId, quantity, channel };
  return { type: 'BundleReservationRefused', reservationId, component: refusing.sku, ...refusing.refusal };
}

function refused(reason: BundleRefusal, detail: string): BundleDecision {
  return { outcome: 'refused', reason, detail };
}
