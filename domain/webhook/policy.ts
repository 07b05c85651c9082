// Whom Evenstock tells of events by itself: each webhook is an address, a secret by its name, and which events go there.
// Whether an address may be called at all is the operator's to say, not the policy's (WEBHOOK_HOSTS).
import { z } from 'zod';
import { type Issue, unique } from '../policy/issue.ts';
import { ChannelId, LocationId } from '../stock/stream.ts';
import { EVENT_KINDS, type EventKind, seenByLimited } from './event-kind.ts';

const EventType = z.string().regex(/^[A-Z][A-Za-z]{2,63}$/, 'must be the name of an event type, such as StockAdjusted');

export const WebhookPolicy = z.strictObject({
  id: LocationId.meta({ description: 'Its name: in the API, in cases, and in the stream that keeps its progress' }),
  url: z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .meta({ description: 'https; http only for this machine' }),
  secretEnv: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]*$/)
    .meta({
      description:
        'Environment variable that holds the secret (whsec_ and base64, two for rotation apart by a space), or the path of a file with it under <name>_FILE',
    }),
  kinds: z
    .array(z.enum(EVENT_KINDS))
    .min(1)
    .optional()
    .meta({ description: 'What the events are about; default: everything but webhooks themselves' }),
  types: z.array(EventType).min(1).max(100).optional().meta({ description: 'Only these types of events' }),
  channels: z
    .array(ChannelId)
    .min(1)
    .optional()
    .meta({ description: 'Only events of these channels and their orders' }),
  locations: z
    .array(LocationId)
    .min(1)
    .optional()
    .meta({ description: 'Only events of stocks and transfers at these locations' }),
  on: z.boolean().default(true).meta({ description: 'Off: nothing is sent; what happens meanwhile is sent later' }),
  since: z.iso.datetime({ offset: true }).optional().meta({
    description: 'The first time it is called: from events recorded then; default: from what happens from now on',
  }),
  timeoutMs: z.int().min(100).max(60_000).default(10_000),
});
export type WebhookPolicy = z.output<typeof WebhookPolicy>;

export const WebhookPolicies = z.array(WebhookPolicy).max(50);

interface Known {
  readonly knowsLocation: (id: string) => boolean;
  readonly knowsChannel: (id: string) => boolean;
}

export function webhookIssues(webhooks: readonly WebhookPolicy[] | undefined, known: Known, issue: Issue): void {
  if (webhooks === undefined) return;
  unique(webhooks, issue);
  for (const [n, webhook] of webhooks.entries()) {
    const { url, kinds, types, channels, locations } = webhook;
    const wrong = wrongUrl(url);
    if (wrong !== undefined) issue([n, 'url'], wrong);
    listIssues(kinds, [n, 'kinds'], () => true, '', issue);
    listIssues(types, [n, 'types'], () => true, '', issue);
    listIssues(channels, [n, 'channels'], known.knowsChannel, 'channel', issue);
    listIssues(locations, [n, 'locations'], known.knowsLocation, 'location', issue);
    if (channels === undefined && locations === undefined) continue;
    kinds?.forEach((kind: EventKind, k) => {
      if (seenByLimited(kind)) return;
      issue([n, 'kinds', k], `${kind} is not sent where channels or locations limit what is: it belongs to neither`);
    });
  }
}

function listIssues(
  list: readonly string[] | undefined,
  path: readonly (string | number)[],
  knows: (id: string) => boolean,
  what: string,
  issue: Issue,
): void {
  list?.forEach((entry, n) => {
    if (!knows(entry)) issue([...path, n], `unknown ${what} ${entry}`);
    if (list.indexOf(entry) !== n) issue([...path, n], `${entry} is listed twice`);
  });
}

const LOOPBACK = /^http:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?([/?]|$)/;

/** What breaks the rules of an address; the address may be in a message, so nothing secret may stand in it. */
function wrongUrl(url: string): string | undefined {
  if (/^https?:\/\/[^/?#]*@/i.test(url)) return 'must not hold a user or password: the signature says who calls';
  if (url.includes('#')) return 'must not have a fragment: it is never sent';
  if (/^http:/i.test(url) && !LOOPBACK.test(url)) return 'must be https; http only for localhost, 127.0.0.1 or [::1]';
  return undefined;
}
