// Stories that clients tell a server which is killed while they do: each is some steps, one after another, and a step that
// was not answered is told again with the same body and ids. What comes of them is judged when all have been told.
import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, type Sending, send } from './serving.ts';

/** What a step needs of a server. Undefined: no answer. */
export type Ask = (path: string, sending?: Sending) => Promise<Answer | undefined>;

/** `again`: it was not answered, or it is not over yet. @throws when the answer is wrong */
export type Step = (ask: Ask) => Promise<'done' | 'again'>;

export interface Kind {
  readonly name: string;
  /** Stories of it that are told at once. */
  readonly clients: number;
  /** Makes the n-th; ids and times are fixed in here, however often a step is told. */
  story(n: number): readonly Step[];
  /** Everything has been told, and the server runs. @throws when it has not come to rest as it should */
  check(ask: Ask, stories: number): Promise<void>;
}

interface Story {
  readonly steps: readonly Step[];
  told: number;
  isTold: boolean;
}

const AGAIN_MS = 20;

/** A step that must be taken: 200 is done, a failure or what is not settled is told again, everything else is wrong. */
export function post(path: string, body: unknown, options: Omit<Sending, 'body'> & { until?: number[] } = {}): Step {
  return async (ask) => {
    const { until = [200], ...sending } = options;
    const answer = await ask(path, { ...sending, body });
    if (answer === undefined || answer.status === 202 || answer.status === 429 || answer.status >= 500) return 'again';
    if (until.includes(answer.status)) return 'done';
    throw new Error(`${path} ${JSON.stringify(body)}: ${answer.status} ${JSON.stringify(answer.body)}`);
  };
}

export interface Teller {
  /** Tells until the server is gone; resolves when every client has noticed. @throws what a step found wrong */
  tell(url: string, key: string, isAlive: () => boolean): Promise<void>;
  /** Tells the rest of what has begun. @throws when it does not end within `ms` */
  end(url: string, key: string, ms: number): Promise<void>;
  stories(kind: Kind): number;
}

export function teller(kinds: readonly Kind[]): Teller {
  const begun = new Map<Kind, Story[]>(kinds.map((kind) => [kind, []]));
  const askOf =
    (url: string, key: string): Ask =>
    (path, sending) =>
      send(url, path, { key, ...sending });
  const next = (kind: Kind): Story => {
    const stories = begun.get(kind)!;
    const left = stories.find((story) => !story.isTold && story.told < story.steps.length);
    if (left !== undefined) return left;
    const story = { steps: kind.story(stories.length), told: 0, isTold: false };
    stories.push(story);
    return story;
  };
  const goOn = async (story: Story, ask: Ask, isAlive: () => boolean) => {
    story.isTold = true;
    while (isAlive() && story.told < story.steps.length) {
      if ((await story.steps[story.told]!(ask)) === 'done') story.told += 1;
      else await delay(AGAIN_MS);
    }
    story.isTold = false;
  };
  return {
    async tell(url, key, isAlive) {
      const ask = askOf(url, key);
      const client = async (kind: Kind) => {
        while (isAlive()) await goOn(next(kind), ask, isAlive);
      };
      await Promise.all(kinds.flatMap((kind) => Array.from({ length: kind.clients }, () => client(kind))));
    },
    async end(url, key, ms) {
      const endsAt = Date.now() + ms;
      const ask = askOf(url, key);
      const isAlive = () => Date.now() < endsAt;
      for (const [{ name }, stories] of begun) {
        await Promise.all(stories.map((story) => goOn(story, ask, isAlive)));
        const left = stories.filter(({ told, steps }) => told < steps.length);
        if (left.length > 0) throw new Error(`${name}: ${left.length} of ${stories.length} do not end`);
      }
    },
    stories: (kind) => begun.get(kind)!.length,
  };
}

/** The body of an answer that must be 200. */
export async function got(ask: Ask, path: string, sending?: Sending): Promise<Answer['body']> {
  const answer = await ask(path, sending);
  if (answer?.status === 200) return answer.body;
  throw new Error(`${path}: ${answer?.status} ${JSON.stringify(answer?.body)}`);
}

export interface Happened {
  readonly event: string;
  readonly commandId: string;
  readonly position: string;
  readonly quantity?: number;
  readonly levels: Readonly<Record<'onHand' | 'reserved' | 'inTransitIn' | 'inTransitOut', number>>;
}

/** Everything that ever happened to a stock. */
export async function history(ask: Ask, sku: string, location: string): Promise<readonly Happened[]> {
  const all: Happened[] = [];
  for (let cursor: unknown = 0; cursor !== undefined; ) {
    const page = await got(ask, `/v1/stock/${sku}/${location}/history?limit=1000&cursor=${cursor}`);
    all.push(...(page['entries'] as Happened[]));
    cursor = page['next'];
  }
  return all;
}

export const minutesAgo = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();

/** A command to one stock. */
export const fact = (fields: Readonly<Record<string, unknown>>): Step =>
  post('/v1/commands', { occurredAt: minutesAgo(60), ...fields });
