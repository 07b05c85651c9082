// Policy versions in words, and values of a policy as people read them.
import { html } from 'htm/preact';
import type { z } from 'zod';
import type { PolicyHistoryPage, PolicyVersionDocument } from '../../../../routes/openapi/policy.ts';
import { session } from '../../api/session.ts';
import { Badge, type Tone } from '../../parts/badge.ts';

export type HistoryPage = z.infer<typeof PolicyHistoryPage>;
export type Version = HistoryPage['versions'][number];
export type VersionDocument = z.infer<typeof PolicyVersionDocument>;

const STATES: Readonly<Record<Version['state'], readonly [tone: Tone, text: string, title: string]>> = {
  'in-force': ['good', 'in force', 'Every figure is made under it'],
  scheduled: ['warn', 'planned', 'It will be in force from its time on'],
  past: ['idle', 'past', 'Another version holds'],
  cancelled: ['idle', 'cancelled', 'Taken back before its time'],
};

export function VersionBadge({ state }: Pick<Version, 'state'>) {
  const [tone, text, title] = STATES[state];
  return html`<${Badge} tone=${tone} text=${text} title=${title} />`;
}

/** Why somebody may not change the policy; undefined: they may. */
export function whyNotChange(): string | undefined {
  const now = session.value;
  if (now.state !== 'in') return 'Nobody is there';
  const { scopes, locations, channels } = now.client;
  const lacks = ['policy:read', 'policy:write'].filter((one) => !scopes.includes('admin') && !scopes.includes(one));
  if (lacks.length > 0) return `This needs a key with the scope ${lacks.join(' and ')}`;
  if (locations === 'all' && channels === 'all') return undefined;
  return 'This needs a key that is not limited to some locations or channels';
}
