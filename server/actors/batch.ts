// Judges the waiting commands of one stock, one after another, into the events of one append. Nothing here waits:
// each command sees what the ones before it did, although none of it is durable yet.
import { chainedEvent, type Hashes } from '../../domain/event-id.ts';
import type { EventToAppend } from '../../domain/event-log.ts';
import { type DecisionContext, decide } from '../../domain/stock/decide.ts';
import { type StockEvent, stockEventData } from '../../domain/stock/events.ts';
import { evolve } from '../../domain/stock/evolve.ts';
import type { Stock } from '../../domain/stock/stock.ts';
import type { Answer, Envelope, Refused } from './answer.ts';

export interface Waiting {
  readonly envelope: Envelope;
  readonly answer: (answer: Answer) => void;
}

export type Verdict =
  | { readonly outcome: 'event'; readonly event: StockEvent; readonly revision: number; readonly duplicate: boolean }
  /** Answered by an event that is already in the log. */
  | { readonly outcome: 'recalled'; readonly revision: number }
  | Refused;

export interface Batch {
  readonly waiting: readonly Waiting[];
  /** One a waiting command, in the same order. */
  readonly verdicts: readonly Verdict[];
  readonly events: readonly EventToAppend[];
  readonly revisionBefore: number;
  /** The stock and the chain's last hash once `events` are durable. */
  readonly stockAfter: Stock;
  readonly hashAfter: string;
}

export interface Bench {
  readonly stream: string;
  readonly stock: Stock;
  readonly lastHash: string;
  readonly context: Omit<DecisionContext, 'source'>;
  readonly memoryMs: number;
  readonly hashes: Hashes;
}

export function judgeAll(waiting: readonly Waiting[], bench: Bench): Batch {
  const verdicts: Verdict[] = [];
  const events: EventToAppend[] = [];
  const made: StockEvent[] = [];
  const revisionBefore = bench.stock.revision;
  let stock = bench.stock;
  let hash = bench.lastHash;
  let context: DecisionContext | undefined;
  for (const { envelope } of waiting) {
    // Mostly one client: its context is made once.
    if (context?.source !== envelope.client) context = { ...bench.context, source: envelope.client };
    const decision = decide(stock, envelope.command, context);
    if (decision.outcome === 'refused') {
      verdicts.push(decision);
    } else if (decision.outcome === 'duplicate') {
      const event = made[decision.revision - revisionBefore - 1];
      const { revision } = decision;
      verdicts.push(
        event === undefined
          ? { outcome: 'recalled', revision }
          : { outcome: 'event', event, revision, duplicate: true },
      );
    } else {
      decision.events.forEach((event, index) => {
        stock = evolve(stock, event, bench.memoryMs);
        const link = chained(bench, stock.revision, event, index, envelope, hash);
        hash = link.metadata['hash'] as string;
        made.push(event);
        events.push(link);
      });
      verdicts.push({ outcome: 'event', event: made[made.length - 1]!, revision: stock.revision, duplicate: false });
    }
  }
  return { waiting, verdicts, events, revisionBefore, stockAfter: stock, hashAfter: hash };
}

/** The event as it is stored after the bench's stream at `revision` − 1, with its causes. */
function chained(
  bench: Bench,
  revision: number,
  event: StockEvent,
  index: number,
  { command, client, traceparent }: Envelope,
  previousHash: string,
): EventToAppend {
  const metadata = {
    client,
    causationId: command.causationId ?? command.id,
    ...(command.correlationId === undefined ? undefined : { correlationId: command.correlationId }),
    ...(traceparent === undefined ? undefined : { traceparent }),
  };
  const end = { stream: bench.stream, revision: revision - 1, hash: previousHash };
  return chainedEvent(
    end,
    { type: event.type, data: stockEventData(event), metadata },
    command.id,
    index,
    bench.hashes,
  );
}
