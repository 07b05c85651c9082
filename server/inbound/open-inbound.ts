// What comes in from channels, put together: one intake for each channel whose policy has a connector that something comes
// in by, following the policy as it changes; the remedies of its cases; and the port that the hook route calls.
import type { Inbound, InboundMessage, WebhookRequest } from '../../adapters/inbound/inbound.ts';
import type { Timers } from '../../adapters/publishing/timers.ts';
import type { ChannelPolicy, Policy } from '../../domain/channel/policy.ts';
import { Conflict, Unavailable, UnknownOutcome } from '../../domain/event-log.ts';
import type { CaseSink } from '../../domain/exception/cause.ts';
import { SECOND } from '../../domain/time.ts';
import { CASES_PROJECTION } from '../../projections/cases.ts';
import { INBOUND_PROJECTION } from '../../projections/inbound.ts';
import type { Remedies } from '../cases/remedies.ts';
import { observeIntake } from '../observe/intake.ts';
import { spansOf } from '../observe/spans.ts';
import type { PolicyBook } from '../policy/book.ts';
import type { ProcessBase } from '../process-room.ts';
import { type InboundChannel, type InboundStatus, openInboundChannel } from './inbound-channel.ts';
import { addInboundRemedies } from './remedies.ts';
import { type TakingRoom, takeMessage } from './taking.ts';
import { aside, type Verdict } from './verdict.ts';
import type { Received } from './webhooks.ts';

export interface InboundProcess {
  /**
   * `unverified` for a channel that is not there, too: whoever calls learns nothing.
   * @throws Unavailable · UnknownOutcome · Conflict
   */
  receive(channel: string, request: WebhookRequest, traceparent: string | undefined): Promise<Received>;
  /** Undefined: nothing comes in from it. */
  status(channel: string): InboundStatus | undefined;
  /** A name of the channel's was mapped: what waits for it is taken. */
  mapped(channel: string, what: 'sku' | 'location', theirs: string): void;
  close(): Promise<void>;
}

export interface InboundRoom extends ProcessBase, Pick<TakingRoom, 'orders' | 'stocks' | 'rejected'> {
  /** @throws Error for people: what is missing to reach the channel */
  readonly inboundOf: (channel: ChannelPolicy) => Inbound | undefined;
  readonly policy: () => Policy;
  readonly policies: Pick<PolicyBook, 'onChange'>;
  readonly cases: CaseSink;
  readonly remedies: Remedies;
  readonly timers: Pick<Timers, 'now'>;
  readonly casePatienceMs: number;
}

interface Open {
  /** What it was opened for. */
  readonly terms: string;
  readonly channel: InboundChannel | undefined;
  readonly failure: string | undefined;
}

const REOPEN_MS = 10 * SECOND;

export async function openInbound(room: InboundRoom): Promise<InboundProcess> {
  const head = await room.log.head();
  const open = new Map<string, Open>();
  const closing = new AbortController();
  const intake = { room, head, open, closing: closing.signal };
  let turn = follow(intake);
  const followOn = () => {
    turn = turn.then(() => follow(intake));
  };
  const unsubscribe = room.policies.onChange(() => {
    followOn();
    // What was refused may be taken under another policy.
    for (const { channel } of open.values()) channel?.wake(({ why }) => why !== 'later');
  });
  const looking = lookAgain(intake, followOn);
  addInboundRemedies(room.remedies, (channel) => open.get(channel)?.channel);
  gaugeInbound(room, open);
  await turn;
  return {
    receive: (channel, request, traceparent) =>
      open.get(channel)?.channel?.receive(request, traceparent) ?? Promise.resolve('unverified'),
    status(channel) {
      const { channel: one, failure } = open.get(channel) ?? {};
      return one?.status() ?? (failure === undefined ? undefined : { failure, waiting: 0, oldest: [] });
    },
    mapped: (channel, what, theirs) =>
      open
        .get(channel)
        ?.channel?.wake(({ name }) => name?.of === 'channel' && name.what === what && name.id === theirs),
    async close() {
      unsubscribe();
      closing.abort();
      await Promise.all([turn, looking]);
      await Promise.all([...open.values()].map(({ channel }) => channel?.close()));
    },
  };
}

interface Intakes {
  readonly room: InboundRoom;
  readonly head: bigint;
  readonly open: Map<string, Open>;
  readonly closing: AbortSignal;
}

/** Opens and closes until it is as the policy says. A channel that cannot be opened costs no other. */
async function follow({ room, head, open, closing }: Intakes): Promise<void> {
  if (closing.aborted) return;
  const wanted = new Map(room.policy().channels.map((channel) => [channel.id, channel]));
  for (const [id, { channel }] of open) {
    if (wanted.get(id)?.connector !== undefined) continue;
    open.delete(id);
    await channel?.close();
  }
  for (const channel of wanted.values()) {
    if (channel.connector === undefined) continue;
    const terms = JSON.stringify(channel.connector);
    const known = open.get(channel.id);
    if (known?.terms === terms && known.failure === undefined) continue;
    await known?.channel?.close();
    open.set(channel.id, await opened(channel, terms, head, room));
  }
}

async function opened(policy: ChannelPolicy, terms: string, head: bigint, room: InboundRoom): Promise<Open> {
  const { id } = policy;
  try {
    const inbound = policy.connector?.inbound === 'off' ? undefined : room.inboundOf(policy);
    if (inbound === undefined || (inbound.webhook === undefined && inbound.poll === undefined))
      return { terms, channel: undefined, failure: undefined };
    const { readModel, logger } = room;
    const channel = await openInboundChannel(inbound, readModel.projection(INBOUND_PROJECTION).channel(id), {
      ...room,
      channel: id,
      moment: room.timers.now,
      ...observeIntake(spansOf(room.telemetry), { channel: id, system: policy.connector!.type }, takerOf(id, room)),
      knownCases: () =>
        readModel.availability.position() >= head ? readModel.projection(CASES_PROJECTION) : undefined,
      timeoutMs: policy.connector!.timeoutMs,
      patienceMs: room.casePatienceMs,
      troubled: (what, error) => logger.warn({ channel: id, error: String(error) }, what),
    });
    return { terms, channel, failure: undefined };
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    room.logger.warn({ channel: id, failure }, 'nothing can come in from a channel');
    return { terms, channel: undefined, failure };
  }
}

/** A secret may be set, or the log come back, while the server runs. */
async function lookAgain({ room, open, closing }: Intakes, followOn: () => void): Promise<void> {
  while (!closing.aborted) {
    await room.sleep(REOPEN_MS, closing);
    if ([...open.values()].some(({ failure }) => failure !== undefined)) followOn();
  }
}

/** Never rejects: what cannot be decided now is told again, and what cannot be understood at all is a poison message. */
function takerOf(channel: string, { orders, stocks, policy, log, readModel, rejected }: InboundRoom) {
  const taking: TakingRoom = { orders, stocks, policy, log, rejected, availability: readModel.availability };
  return async (message: InboundMessage, traceparent?: string): Promise<Verdict> => {
    try {
      return await takeMessage(channel, message, taking, traceparent);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const passes = error instanceof Unavailable || error instanceof UnknownOutcome || error instanceof Conflict;
      return passes ? { kind: 'busy', reason } : aside('malformed', reason);
    }
  };
}

function gaugeInbound({ telemetry }: InboundRoom, open: ReadonlyMap<string, Open>): void {
  if (telemetry === undefined) return;
  const gauge = (name: string, unit: string, description: string, read: (status: InboundStatus) => number) =>
    telemetry.meter.createObservableGauge(`evenstock.inbound.${name}`, { unit, description }).addCallback((result) => {
      for (const [id, { channel }] of open) {
        const status = channel?.status();
        if (status !== undefined) result.observe(read(status), { channel: id });
      }
    });
  gauge('waiting', '{message}', 'Messages of the channel that were set aside and wait', ({ waiting }) => waiting);
  gauge('silent', '{channel}', '1: it is polled and has not answered for long', ({ poll }) =>
    poll?.isSilent === true ? 1 : 0,
  );
}
