// Asks, posts, and says what came of it.
import { post } from '../api/call.ts';
import { type Confirmed, confirm, type Question } from './confirm.ts';
import { say, sayFailure } from './toasts.ts';

export interface Asked {
  readonly question: Question;
  readonly path: string;
  body(confirmed: NonNullable<Confirmed>): unknown;
  /** What people call it: left as it was when it fails. */
  readonly name: string;
  /** What is so when it is taken. */
  readonly done: string;
}

/** False: nothing was changed. */
export async function askToPost({ question, path, body, name, done }: Asked): Promise<boolean> {
  const confirmed = await confirm(question);
  if (confirmed === undefined) return false;
  try {
    await post(path, body(confirmed));
    say(done);
    return true;
  } catch (error) {
    sayFailure(`${name} was left as it was`, error);
    return false;
  }
}
