// Stocks that know bundles: a command for a bundle is taken by its workflow, which moves the components; every other goes
// straight through, at the price of one look-up. Whoever sends commands to stocks sends them here.
import { type BundleCommand, isBundleCommand } from '../../domain/bundle/command.ts';
import type { BundleRefusal, BundleWork } from '../../domain/bundle/decide.ts';
import type { Handling, Told } from '../../domain/bundle/handling.ts';
import { bundleId, parseComponentHold } from '../../domain/bundle/stream.ts';
import { type EventLog, START } from '../../domain/event-log.ts';
import { NO_LEVELS } from '../../domain/stock/levels.ts';
import { SECOND } from '../../domain/time.ts';
import type { Accepted, Answer, AnsweredBundle, Envelope, Failed, StockActors } from '../actors/answer.ts';
import type { WorkflowAnswer } from '../workflows/workflow-answer.ts';
import type { Workflows } from '../workflows/workflows.ts';

export interface BundledStocksOptions<S extends StockActors> {
  readonly stocks: S;
  readonly workflows: Workflows<Handling, BundleWork, BundleRefusal>;
  readonly log: Pick<EventLog, 'head'>;
  /** Is the SKU a bundle, or was it one? */
  readonly isBundle: (sku: string) => boolean;
  /** Is the command one that its stock took, or its reservation one that its stock made, before the SKU was a bundle? */
  readonly isOfStock: (command: BundleCommand) => boolean | Promise<boolean>;
}

export function bundledStocks<S extends StockActors>(options: BundledStocksOptions<S>): S {
  const { stocks, workflows, log, isBundle, isOfStock } = options;
  const take = async (envelope: Envelope, command: BundleCommand): Promise<Answer | 'not-a-bundle'> => {
    try {
      if (await isOfStock(command)) return 'not-a-bundle';
      const source = command.source?.id ?? envelope.client;
      const sender = { source, traceparent: envelope.traceparent };
      const answer = await workflows.submit(bundleId(command), { type: 'take', id: command.id, command }, sender);
      if (answer.outcome === 'refused' && answer.reason === 'not-a-bundle') return 'not-a-bundle';
      return await answerOf(command, answer, log);
    } catch (error) {
      // The log could not be asked: nothing of it is lost, and the same command finds what it came to.
      return { ...unavailable(error instanceof Error ? error.message : String(error)), reason: 'unknown-outcome' };
    }
  };

  return {
    ...stocks,
    submit(envelope) {
      const { command } = envelope;
      if (isBundle(command.sku) && isBundleCommand(command)) {
        return take(envelope, command).then((answer) =>
          typeof answer === 'string' ? stocks.submit(envelope) : answer,
        );
      }
      // The hold of a component ends with those of the others.
      const hold = command.type === 'reservation.expire' ? parseComponentHold(command.reservationId) : undefined;
      if (hold === undefined) return stocks.submit(envelope);
      return take(envelope, { ...command, ...hold } as BundleCommand).then((answer) =>
        typeof answer === 'string' || isUnknown(answer) ? stocks.submit(envelope) : answer,
      );
    },
    async close() {
      await workflows.close();
      await stocks.close();
    },
  };
}

/** A hold that its bundle does not know, or knows no more: it is the stock's alone. */
function isUnknown(answer: Answer): boolean {
  return answer.outcome === 'refused' && answer.reason === 'unknown-reservation';
}

async function answerOf(
  command: BundleCommand,
  answer: WorkflowAnswer<Handling, BundleRefusal>,
  log: Pick<EventLog, 'head'>,
): Promise<Answer> {
  if (answer.outcome === 'failed') return answer;
  if (answer.outcome === 'refused') {
    const { reason, detail } = answer;
    if (reason === 'busy' || reason === 'not-a-bundle') return unavailable(detail);
    return { outcome: 'refused', reason, detail };
  }
  const told = answer.state.told.get(command.id);
  if (told === undefined) throw new Error(`${answer.state.id}: nothing is known of ${command.id}, which was taken`);
  if (told.refusal !== undefined) {
    const refusing = told.components.find(({ outcome }) => outcome === 'refused');
    const detail = `component ${refusing?.sku}: ${told.refusal.detail}`;
    return { outcome: 'refused', reason: told.refusal.reason, detail };
  }
  // Whether it is made or refused is not known yet.
  if (told.event === 'BundleReservationAsked') return unsettled(told);
  // A repeat appended nothing of its own: what it is about is somewhere before the end.
  const position = answer.position === START ? await log.head() : answer.position;
  return accepted(told, answer.duplicate, position);
}

function accepted(told: Told, duplicate: boolean, position: bigint): Accepted {
  const isParked = told.event === 'BundleFactParked';
  const { event: eventType, revision } = told;
  const bundle = bundleOf(told);
  const outcome = isParked ? 'parked' : 'accepted';
  return { outcome, duplicate, eventType, revision, position, levels: NO_LEVELS, bundle };
}

function bundleOf({ version, settled, components }: Told): AnsweredBundle {
  return {
    version,
    settled,
    components: components.map(({ sku, quantity, outcome, revision }) => {
      const answered = outcome ?? ('waiting' as const);
      return { sku, quantity, outcome: answered, ...(revision === undefined ? undefined : { revision }) };
    }),
  };
}

function unsettled({ components }: Told): Failed {
  const waiting = components.filter(({ outcome }) => outcome === undefined).map(({ sku }) => sku);
  const detail = `Components that have not answered: ${waiting.join(', ')}`;
  return { outcome: 'failed', reason: 'unknown-outcome', detail, retryAfterMs: SECOND };
}

function unavailable(detail: string): Failed {
  return { outcome: 'failed', reason: 'unavailable', detail, retryAfterMs: SECOND };
}
