// Given / when / then for exception cases: commands are decided one after another on a clock that the test moves.
import { compilePolicy, PolicyDocument, type PolicyDocumentJson } from '../../domain/channel/policy.ts';
import { type Case, evolveCase, noCase } from '../../domain/exception/case.ts';
import type { AnyCaseCommand } from '../../domain/exception/case-commands.ts';
import { CASE_EVENT_VERSION, CaseEvent, type CaseHappening } from '../../domain/exception/case-events.ts';
import type { Cause } from '../../domain/exception/cause.ts';
import { decideCase } from '../../domain/exception/decide.ts';
import { NOON } from './actors.ts';

export const GAP: Cause = {
  kind: 'sequence-gap',
  key: 'till-7:5-9',
  subject: { source: 'till-7' },
  detail: 'five are missing',
};

export function casePolicy(escalation: PolicyDocumentJson['escalation'] = {}) {
  return compilePolicy(PolicyDocument.parse({ version: 'test', locations: [{ id: 'warehouse' }], escalation }));
}

type CommandType = AnyCaseCommand['type'];
type Sent<T extends CommandType> = Omit<Extract<AnyCaseCommand, { type: T }>, 'id' | 'type'>;

export interface CaseStory {
  now: number;
  readonly events: CaseHappening[];
  state(): Case;
  /** The status after it, or the reason of the refusal. */
  send<T extends CommandType>(type: T, fields: Sent<T>, commandId?: string): string;
  raise(fields?: Partial<Cause>, asOf?: bigint): string;
  clear(asOf?: bigint): string;
  types(): string[];
}

export function caseStory(
  escalation: PolicyDocumentJson['escalation'] = {},
  id = 'sequence-gap-0123456789abcdef',
): CaseStory {
  const rules = casePolicy(escalation);
  let state: Case = noCase(id);
  const story: CaseStory = {
    now: NOON,
    events: [],
    state: () => state,
    send(type, fields, commandId = `${type}-${story.events.length}`) {
      const command = { id: commandId, type, ...fields } as unknown as AnyCaseCommand;
      const decision = decideCase(state, command, { now: story.now, rules });
      if (decision.outcome === 'refused') return decision.reason;
      for (const event of decision.events) {
        // What is decided can be read by the schema that it is stored under.
        const stored = CaseEvent.parse(JSON.parse(JSON.stringify(event)));
        const frame = { v: CASE_EVENT_VERSION, commandId, source: 'test', recordedAt: story.now };
        story.events.push({ ...stored, ...frame });
        state = evolveCase(state, story.events.at(-1)!);
      }
      return state.status;
    },
    raise: (fields = {}, asOf) =>
      story.send('raise', { cause: { ...GAP, ...fields }, times: 1, asOf: asOf?.toString() }),
    clear: (asOf) => story.send('clear', { asOf: asOf?.toString() }),
    types: () => story.events.map(({ type }) => type),
  };
  return story;
}
