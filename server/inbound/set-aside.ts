// What is written of a message that is not taken now, and what case it opens. Pure.
import type { Hashes } from '../../domain/event-id.ts';
import type { Cause } from '../../domain/exception/cause.ts';
import type { NewInboundEvent, RawMessage } from '../../domain/inbound/events.ts';
import type { Intake, Waiting } from '../../domain/inbound/intake.ts';
import { type SetAside, shortAbout } from './verdict.ts';

export type From =
  | { readonly kind: 'webhook'; readonly raw?: RawMessage | undefined }
  | { readonly kind: 'poll'; readonly watermark: string | undefined };

/** The same for every delivery of the same bytes. */
export function webhookMessageId({ body }: Pick<RawMessage, 'body'>, hashes: Hashes): string {
  return hashes.sha256Base64Url(`webhook:${body}`).slice(0, ID_LENGTH);
}

/** The same wherever the poll finds it. */
export function pollMessageId(about: string, hashes: Hashes): string {
  return hashes.sha256Base64Url(`poll:${about}`).slice(0, ID_LENGTH);
}
/** 128 bits in base64url. */
const ID_LENGTH = 22;

/** Nothing when that is known of it already. */
export function setAsideEvents(
  { waiting }: Intake,
  id: string,
  about: string,
  { why, reason, name, refusal }: SetAside,
  from: From,
): readonly NewInboundEvent[] {
  const known = waiting.get(id);
  const place = from.kind === 'poll' ? { kind: from.kind, ...defined({ watermark: from.watermark }) } : undefined;
  const isKnown =
    known !== undefined &&
    known.why === why &&
    known.reason === reason &&
    known.name?.id === name?.id &&
    (from.kind === 'webhook' || known.watermark === from.watermark);
  if (isKnown) return [];
  const raw = from.kind === 'webhook' && known?.rawAt === undefined ? defined({ raw: from.raw }) : {};
  const said = { about: shortAbout(about), why, reason, ...defined({ name, refusal }) };
  return [{ type: 'MessageSetAside', id, ...said, from: place ?? { kind: 'webhook', ...raw } }];
}

function defined<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** Nothing when it does not wait. */
export function settledEvents({ waiting }: Intake, id: string, how: 'taken' | 'given-up'): readonly NewInboundEvent[] {
  return waiting.has(id) ? [{ type: 'MessageSettled', id, how }] : [];
}

export const CASE_PREFIX = 'inbound:';

/** The key of the case of a channel that cannot be asked what it has to tell. */
export function silentKey(channel: string): string {
  return `${CASE_PREFIX}${channel}`;
}

/** One for each unmapped name, else one for each message. Undefined: nobody is needed, or others have said so. */
export function causeOf(channel: string, waiting: Waiting): Cause | undefined {
  const { id, about, why, reason, name, refusal } = waiting;
  const subject = { channel, source: channel };
  if (why === 'later') return undefined;
  if (why === 'unmapped') {
    // What the policy does not know is a case of whoever refused it (server/cases/unmapped.ts).
    if (name?.of !== 'channel') return undefined;
    return {
      kind: 'unmapped-sku',
      key: `${CASE_PREFIX}${channel}:${name.what}:${name.id}`,
      subject,
      detail: `${channel} tells of ${name.what} ${name.id}, which is not mapped; ${about} waits`,
      proposals: [`map ${name.what} ${name.id} of ${channel} (docs/identifiers.md): what waits is then taken`],
    };
  }
  const what = why === 'malformed' ? 'could not be read' : `was refused (${refusal ?? 'no reason'})`;
  return {
    kind: refusal === 'outside-window' ? 'too-old-fact' : 'poison-message',
    key: `${CASE_PREFIX}${channel}:${id}`,
    subject,
    detail: `${about} of ${channel} ${what}: ${reason}`,
    proposals: ['mend what it does not fit, then retry: it is taken again', 'dismiss: it is given up'],
  };
}
