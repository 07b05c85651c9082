// Escalation as policy: how severe a kind of exception case is, who owns it, how soon it must be dealt with, and who
// is told when it is not. Every kind has an answer, so a document need not say anything.
import { z } from 'zod';
import { CASE_KINDS, type CaseKind } from '../exception/cause.ts';
import type { Issue } from './issue.ts';

/** A team or a person, as cases name their owner. */
export const Role = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/, 'must be 1 to 64 ASCII letters, digits or . _ @ -');

export const Severity = z.enum(['low', 'medium', 'high', 'critical']);
export type Severity = z.infer<typeof Severity>;

const SlaMinutes = z.int().min(1).max(100_000);

export const Escalation = z.strictObject({
  cases: z
    .array(
      z.strictObject({
        kind: z.enum(CASE_KINDS),
        severity: Severity.optional(),
        slaMinutes: SlaMinutes.optional().meta({ description: 'A case open for longer is escalated' }),
        owner: Role.optional(),
      }),
    )
    .default([])
    .meta({ description: 'What differs from the defaults, a kind at a time' }),
  steps: z
    .array(z.strictObject({ from: Role, to: Role, slaMinutes: SlaMinutes.optional() }))
    .default([])
    .meta({ description: 'Who is told when `from` is late; slaMinutes: how long `to` then has, default as the kind' }),
});
export type Escalation = z.output<typeof Escalation>;

/** What policy says of one kind of case. */
export interface CasePolicy {
  readonly kind: CaseKind;
  readonly severity: Severity;
  readonly slaMinutes: number;
  readonly owner: string;
}

export interface EscalationStep {
  readonly to: string;
  /** How long they have; undefined: as long as the kind of case. */
  readonly slaMinutes: number | undefined;
}

const OWNER = 'operations';
/** Oversold stock and a silent channel lose money by the minute; a stray file can wait for the morning. */
const DEFAULTS: Readonly<Record<CaseKind, readonly [Severity, slaMinutes: number]>> = {
  shortfall: ['high', 60],
  'unmapped-sku': ['medium', 480],
  'poison-message': ['high', 120],
  'sequence-gap': ['medium', 240],
  'too-old-fact': ['low', 2_880],
  drift: ['medium', 480],
  'refused-publish': ['medium', 240],
  'stuck-transfer': ['medium', 1_440],
  'breaker-open': ['critical', 30],
};

export function casePolicyOf({ cases }: Escalation, kind: CaseKind): CasePolicy {
  const said = cases.find((entry) => entry.kind === kind);
  // A kind that is newer than this table is neither urgent nor forgotten.
  const [severity, slaMinutes] = DEFAULTS[kind] ?? ['medium', 480];
  return {
    kind,
    severity: said?.severity ?? severity,
    slaMinutes: said?.slaMinutes ?? slaMinutes,
    owner: said?.owner ?? OWNER,
  };
}

/** Who is told when `role` is late; undefined: nobody is above it. */
export function escalationFrom({ steps }: Escalation, role: string): EscalationStep | undefined {
  const step = steps.find(({ from }) => from === role);
  return step === undefined ? undefined : { to: step.to, slaMinutes: step.slaMinutes };
}

/** A kind or a role said twice, and escalation that comes round to where it began. */
export function escalationIssues({ cases, steps }: Escalation, issue: Issue): void {
  cases.forEach(({ kind }, n) => {
    if (cases.findIndex((other) => other.kind === kind) !== n) issue(['cases', n, 'kind'], `${kind} is defined twice`);
  });
  const next = new Map<string, string>();
  steps.forEach(({ from, to }, n) => {
    if (next.has(from)) issue(['steps', n, 'from'], `${from} escalates twice`);
    else next.set(from, to);
  });
  steps.forEach(({ from, to }, n) => {
    const met = new Set([from]);
    let role: string | undefined = to;
    while (role !== undefined && !met.has(role)) {
      met.add(role);
      role = next.get(role);
    }
    if (role === from) issue(['steps', n, 'to'], `a cycle: ${[...met, from].join(' → ')}`);
  });
}
