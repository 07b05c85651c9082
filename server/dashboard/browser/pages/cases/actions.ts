// What people may say to one case or to a selection. Each asks first; each stands in the stream of every case with who
// said it and why. One command id goes with an intent, so a call that is repeated has no second effect.
import { signal } from '@preact/signals';
import { html } from 'htm/preact';
import { post, refusalOf } from '../../api/call.ts';
import { commandId } from '../../api/command-id.ts';
import { count, plural } from '../../format.ts';
import { ActionButton } from '../../parts/action-button.ts';
import { confirm, type Question } from '../../shell/confirm.ts';
import { say, sayFailure } from '../../shell/toasts.ts';
import { type BulkOutcome, inPieces, type Result } from './bulk.ts';

type Action = 'assign' | 'comment' | 'retry' | 'resolve' | 'dismiss';

const TEXT_MAX = 2_000;

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

interface Running {
  readonly action: string;
  readonly answered: number;
  readonly of: number;
  stop(): void;
}

/** One at a time; it goes on while people look at other pages. */
const running = signal<Running | undefined>(undefined);
/** Of the last command. */
export const notDone = signal<BulkOutcome['not']>([]);

export function CaseActions({ cases, isOpen, changed }: ActionsProps) {
  const names: readonly Action[] = isOpen ? ['assign', 'comment', 'retry', 'resolve', 'dismiss'] : ['comment'];
  const isOff = cases.length === 0 || running.value !== undefined;
  return html`<div class="actions" role="group" aria-label="Actions">
    ${names.map(
      (action) =>
        html`<${ActionButton} key=${action} name=${ACTIONS[action].ask('').action} scope="cases:write" isOff=${isOff}
          act=${() => act(action, cases).then((isDone) => isDone && changed())} />`,
    )}
  </div>`;
}

/** How far a command for many is. */
export function BulkProgress() {
  if (running.value === undefined || running.value.of === 1) return null;
  const { action, answered, of, stop } = running.value;
  return html`<div class="banner" role="status">
    <span><strong>${action}</strong>: ${count(answered)} of ${plural(of, 'case')} answered</span>
    <progress max=${of} value=${answered} aria-label=${action}></progress>
    <button type="button" onClick=${stop}>Stop</button>
  </div>`;
}

/** What was not done, and why. */
export function NotDone() {
  const not = notDone.value;
  if (not.length === 0) return null;
  return html`<div class="banner bad" role="alert">
    <span><strong>${plural(not.length, 'case')} left as before</strong>, and selected where listed: ${reasons(not)}</span>
    <button type="button" onClick=${() => (notDone.value = [])}>Close</button>
  </div>`;
}

/** False: somebody thought better of it. */
async function act(action: Action, cases: readonly string[]): Promise<boolean> {
  const { field, done, ask } = ACTIONS[action];
  const question = ask(cases.length === 1 ? 'this case' : plural(cases.length, 'case'));
  const confirmed = await confirm(question);
  if (confirmed === undefined) return false;
  const command = { id: commandId(), type: action, ...(field !== undefined && { [field]: confirmed.reason }) };
  const stopping = new AbortController();
  const onProgress = (answered: number) => {
    running.value = { action: question.action, answered, of: cases.length, stop: () => stopping.abort() };
  };
  const send = async (some: readonly string[]) =>
    (await post<{ readonly results: readonly Result[] }>('/v1/cases/commands', { cases: some, command })).results;
  onProgress(0);
  const { taken, not } = await inPieces({ cases, send, refusalOf, onProgress, pause, stop: stopping.signal });
  running.value = undefined;
  notDone.value = not;
  if (taken.length > 0) say(`${plural(taken.length, 'case')} ${done}`);
  if (not.length > 0) sayFailure(`${plural(not.length, 'case')} not ${done}`, new Error(reasons(not)));
  return true;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const REASONS_MAX = 3;

/** The most frequent first: `700: the log cannot be reached; 2: the case is closed`. */
function reasons(not: BulkOutcome['not']): string {
  const counts = [...Map.groupBy(not, ({ why }) => why)].toSorted(([, a], [, b]) => b.length - a.length);
  const said = counts.map(([why, of]) => (not.length === 1 ? why : `${count(of.length)}: ${why}`));
  return [...said.slice(0, REASONS_MAX), ...(said.length > REASONS_MAX ? ['and others'] : [])].join('; ');
}
