// What people may say to one case or to a selection. Each asks first; each stands in the stream of every case with who
// said it and why. One command id goes with an intent, so a call that is repeated has no second effect.
import { html } from 'htm/preact';
import type { z } from 'zod';
import type { BulkCaseAnswer } from '../../../../routes/openapi/case-documents.ts';
import { post } from '../../api/call.ts';
import { commandId } from '../../api/command-id.ts';
import { may } from '../../api/session.ts';
import { count, plural } from '../../format.ts';
import { confirm, type Question } from '../../shell/confirm.ts';
import { say, sayFailure } from '../../shell/toasts.ts';

type Bulk = z.infer<typeof BulkCaseAnswer>;
type Result = Bulk['results'][number];
type Action = 'assign' | 'comment' | 'retry' | 'resolve' | 'dismiss';

const TEXT_MAX = 2_000;
/** Of one request to the API. */
const BULK_MAX = 500;

const OWNER = {
  ...{ isRequired: true, lengthMax: 64, name: 'Owner', pattern: '[A-Za-z0-9][A-Za-z0-9._@\\-]*' },
  rule: 'A team or a person: letters, digits or . _ @ -',
};
const TEXT = { isRequired: true, lengthMax: TEXT_MAX };

/** What is asked before each, of `whose` cases, and in which field of the command the words go. */
const ACTIONS: Readonly<
  Record<Action, { readonly field?: string; readonly done: string; ask(whose: string): Question }>
> = {
  assign: {
    ...{ field: 'owner', done: 'assigned' },
    ask: (whose) => ({
      ...{ title: `Assign ${whose}?`, text: 'It stays open, and is theirs.', action: 'Assign', reason: OWNER },
    }),
  },
  comment: {
    ...{ field: 'text', done: 'commented' },
    ask: (whose) => ({
      ...{ title: `Comment on ${whose}?`, text: 'Whoever opens it reads this in its history.', action: 'Comment' },
      reason: { ...TEXT, name: 'Comment' },
    }),
  },
  retry: {
    done: 'tried again',
    ask: (whose) => ({
      ...{ title: `Try ${whose} again?`, action: 'Retry' },
      text: 'What can be done for its kind is done now: tell the channel again, source the order again, compare again.',
    }),
  },
  resolve: {
    ...{ field: 'resolution', done: 'resolved' },
    ask: (whose) => ({
      ...{ title: `Resolve ${whose}?`, text: 'It opens again when its cause is seen again.', action: 'Resolve' },
      reason: { ...TEXT, name: 'What was done' },
    }),
  },
  dismiss: {
    ...{ field: 'reason', done: 'dismissed' },
    ask: (whose) => ({
      ...{ title: `Dismiss ${whose}?`, action: 'Dismiss', isDanger: true },
      text: 'Nobody is asked again while its cause lasts.',
      reason: { ...TEXT, name: 'Why nothing has to be done' },
    }),
  },
};

interface ActionsProps {
  readonly cases: readonly string[];
  /** False: they are closed, and take comments only. */
  readonly isOpen: boolean;
  /** Something changed: read it again. */
  changed(): void;
}

export function CaseActions({ cases, isOpen, changed }: ActionsProps) {
  const isAllowed = may('cases:write');
  const title = isAllowed ? undefined : 'This needs a key with the scope cases:write';
  const names: readonly Action[] = isOpen ? ['assign', 'comment', 'retry', 'resolve', 'dismiss'] : ['comment'];
  return html`<div class="actions" role="group" aria-label="Actions">
    ${names.map(
      (action) => html`<button key=${action} type="button" title=${title} disabled=${!isAllowed || cases.length === 0}
        onClick=${() => void act(action, cases).then((isDone) => isDone && changed())}>${ACTIONS[action].ask('').action} …</button>`,
    )}
  </div>`;
}

/** False: nothing was sent. */
async function act(action: Action, cases: readonly string[]): Promise<boolean> {
  const { field, done, ask } = ACTIONS[action];
  const confirmed = await confirm(ask(cases.length === 1 ? 'this case' : plural(cases.length, 'case')));
  if (confirmed === undefined) return false;
  const command = { id: commandId(), type: action, ...(field !== undefined && { [field]: confirmed.reason }) };
  const results: Result[] = [];
  try {
    for (let at = 0; at < cases.length; at += BULK_MAX) {
      const some = cases.slice(at, at + BULK_MAX);
      results.push(...(await post<Bulk>('/v1/cases/commands', { cases: some, command })).results);
    }
  } catch (error) {
    sayFailure(results.length === 0 ? 'Nothing was changed' : `Stopped after ${plural(results.length, 'case')}`, error);
    return results.length > 0;
  }
  tell(results, done);
  return true;
}

function tell(results: readonly Result[], done: string): void {
  const taken = results.filter(({ outcome }) => outcome === 'accepted').length;
  if (taken > 0) say(`${plural(taken, 'case')} ${done}`);
  const why = new Map<string, number>();
  for (const { outcome, reason, detail } of results) {
    const said = detail ?? reason ?? outcome;
    if (outcome !== 'accepted') why.set(said, (why.get(said) ?? 0) + 1);
  }
  if (why.size === 0) return;
  const reasons = [...why].map(([said, n]) => (results.length === 1 ? said : `${count(n)}: ${said}`)).slice(0, 3);
  sayFailure(`${plural(results.length - taken, 'case')} not ${done}`, new Error(reasons.join('; ')));
}
