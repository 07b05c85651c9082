// What a channel writes in its answers ends in cases, events and logs. So every reason of every adapter passes here: it is
// cut, it holds no control characters, and a secret that the channel sent back is not in it.

import type { Inbound, InboundMessage, InboundReply, PollReply } from '../inbound/inbound.ts';
import type { Connector, Outcome, ReadBack, Reply } from './channel.ts';

export interface Confidence {
  /** From now on no reason shows it. `passing`: it ends by itself, as an access token does; only the latest are kept. */
  conceal(secret: string, passing?: boolean): void;
  /** The text as people may see it. */
  clean(text: string): string;
}

const REASON_LENGTH_MAX = 300;
const LASTING_MAX = 1_000;
const PASSING_MAX = 64;
/** Shorter ones would tear holes into ordinary words; no secret of ours is that short. */
const SECRET_LENGTH_MIN = 8;
const HIDDEN = '[secret]';
/** Of a secret of which only the beginning is there: no ordinary text begins so. */
const HEAD_LENGTH = 12;
// C0, DEL, C1 and the separators that break lines where others do not.
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\s]+/gu;

export function createConfidence(): Confidence {
  const lasting = new Set<string>();
  const passing = new Set<string>();
  const keep = (concealed: Set<string>, secret: string, most: number) => {
    for (const form of formsOf(secret)) {
      if (form.length < SECRET_LENGTH_MIN) continue;
      concealed.delete(form);
      concealed.add(form);
    }
    for (const oldest of concealed) {
      if (concealed.size <= most) break;
      concealed.delete(oldest);
    }
  };
  return {
    conceal(secret, isPassing = false) {
      if (isPassing) keep(passing, secret, PASSING_MAX);
      else keep(lasting, secret, LASTING_MAX);
    },
    clean(text) {
      let shown = text;
      // The longest first: one may be the beginning of another.
      const secrets = [...lasting, ...passing].sort((a, b) => b.length - a.length);
      for (const secret of secrets) shown = shown.replaceAll(secret, HIDDEN);
      shown = withoutBeginnings(shown, secrets);
      return shown.replaceAll(UNPRINTABLE, ' ').trim().slice(0, REASON_LENGTH_MAX);
    },
  };
}

/** Whoever cut the text may have left the beginning of a secret in it: what can be told from it is hidden too. */
function withoutBeginnings(text: string, secrets: readonly string[]): string {
  let shown = text;
  for (const secret of secrets) {
    const head = secret.slice(0, HEAD_LENGTH);
    if (head.length < HEAD_LENGTH) continue;
    for (let at = shown.indexOf(head); at >= 0; at = shown.indexOf(head, at + HIDDEN.length)) {
      // Several secrets may begin alike.
      const length = Math.max(...secrets.map((one) => sameLength(shown, at, one)));
      shown = shown.slice(0, at) + HIDDEN + shown.slice(at + length);
    }
  }
  return shown;
}

function sameLength(text: string, at: number, secret: string): number {
  let length = 0;
  while (length < secret.length && text[at + length] === secret[length]) length += 1;
  return length;
}

/** As it is, and as it stands in addresses, in JSON and in headers. */
function formsOf(secret: string): readonly string[] {
  const base64 = Buffer.from(secret).toString('base64');
  return [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), base64.replace(/=+$/, '')];
}

export function connectorInConfidence(connector: Connector, { clean }: Confidence): Connector {
  const { publishBulk, readBack, readStatement } = connector;
  const reply = (given: Reply): Reply =>
    given.kind === 'answered' ? { ...given, outcomes: outcomesIn(given.outcomes, clean) } : reasonIn(given, clean);
  return {
    get declares() {
      return connector.declares;
    },
    publish: async (batch, signal) => reply(await connector.publish(batch, signal)),
    ...(publishBulk && {
      publishBulk: async (batch, signal) => reply(await publishBulk.call(connector, batch, signal)),
    }),
    ...(readBack && {
      readBack: async (skus, signal) => refusedIn(reasonIn(await readBack.call(connector, skus, signal), clean), clean),
    }),
    ...(readStatement && {
      readStatement: async (cursor, signal) => reasonIn(await readStatement(cursor, signal), clean),
    }),
  };
}

export function inboundInConfidence({ webhook, poll }: Inbound, { clean }: Confidence): Inbound {
  const message = (given: InboundMessage): InboundMessage =>
    given.meaning.kind === 'malformed' ? { ...given, meaning: reasonIn(given.meaning, clean) } : given;
  const reply = <R extends InboundReply | PollReply>(given: R): R =>
    'messages' in given ? { ...given, messages: given.messages.map(message) } : reasonIn(given, clean);
  return {
    webhook: webhook && {
      fields: webhook.fields,
      verify: (request, nowMs) => webhook.verify(request, nowMs),
      translate: async (request, signal) => reply(await webhook.translate(request, signal)),
    },
    poll: poll && {
      everyMs: poll.everyMs,
      read: async (watermark, signal) => reply(await poll.read(watermark, signal)),
    },
  };
}

type Clean = Confidence['clean'];

function reasonIn<R extends object>(given: R, clean: Clean): R {
  return 'reason' in given && typeof given.reason === 'string' ? { ...given, reason: clean(given.reason) } : given;
}

function refusedIn(given: ReadBack, clean: Clean): ReadBack {
  if (given.kind !== 'shown' || given.refused === undefined || given.refused.size === 0) return given;
  return { ...given, refused: new Map([...given.refused].map(([sku, reason]) => [sku, clean(reason)])) };
}

/** Most batches have nothing to clean: then they are not copied. */
function outcomesIn(outcomes: ReadonlyMap<string, Outcome>, clean: Clean): ReadonlyMap<string, Outcome> {
  for (const outcome of outcomes.values()) {
    if ('reason' in outcome) return new Map([...outcomes].map(([sku, one]) => [sku, reasonIn(one, clean)]));
  }
  return outcomes;
}
