// Evenstock's API as the retailer's systems use it.

/** What a system says has happened, or asks for. */
export type Fact = Readonly<Record<string, unknown>>;

export interface Api {
  readonly url: string;
  get(path: string): Promise<Record<string, unknown>>;
  post(path: string, body: unknown): Promise<{ readonly status: number; readonly body: Record<string, unknown> }>;
  /** Many, as JSON, with a verdict for each. @throws Error naming the first that was not taken */
  lines(path: string, lines: readonly object[]): Promise<void>;
  /** Facts. @throws Error as above */
  batch(facts: readonly Fact[]): Promise<void>;
  /** What a till kept. @throws Error as above */
  upload(device: string, location: string, lines: readonly object[]): Promise<void>;
}

const LINES_MAX = 10_000;
const NOT_TAKEN = /"outcome":"(refused|failed|invalid)"|"status":4/;

export function createApi(url: string): Api {
  const send = (path: string, body: string, type = 'application/json') =>
    answered(`${url}${path}`, { method: 'POST', headers: { 'content-type': type }, body });
  const allTaken = async (path: string, response: Response) => {
    const answer = await response.text();
    const wrong = response.ok ? answer.split('\n').find((line) => NOT_TAKEN.test(line)) : answer;
    if (wrong !== undefined) throw new Error(`${path}: ${wrong.slice(0, 300)}`);
  };
  const lines = async (path: string, sent: readonly object[]) => {
    for (let from = 0; from < sent.length; from += LINES_MAX) {
      await allTaken(path, await send(path, JSON.stringify(sent.slice(from, from + LINES_MAX))));
    }
  };
  return {
    url,
    get: async (path) => (await answered(`${url}${path}`)).json() as Promise<Record<string, unknown>>,
    async post(path, body) {
      const response = await send(path, JSON.stringify(body));
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
    lines,
    batch: (facts) => lines('/v1/commands/batch', facts),
    async upload(device, location, kept) {
      const path = `/v1/tills/${device}/upload?location=${location}`;
      const body = kept.map((line) => JSON.stringify(line)).join('\n');
      await allTaken(path, await send(path, body, 'application/x-ndjson'));
    },
  };
}

/** What got no answer is said again, as every sender does: it has its id, and counts once. */
async function answered(address: string, request?: RequestInit): Promise<Response> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await fetch(address, request);
    } catch (error) {
      if (tries === TRIES_MAX) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}
const TRIES_MAX = 20;
const AGAIN_MS = 250;
