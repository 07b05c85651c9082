// What must hold of an overload: judged by what was seen each second, and by the log at the end.
import { median, percentile } from '../../bench/statistics.ts';
import { PIECES_AT_ONCE } from '../../server/routes/batch.ts';
import type { Run } from './overload.ts';
import type { Moment } from './watch.ts';

export interface Check {
  readonly what: string;
  readonly holds: boolean;
  /** In figures. */
  readonly found: string;
}

/**
 * Resident memory may be higher in the last third than in the middle one by so much: what V8 has not yet collected …
 */
const GROWTH_BYTES_MAX = 64 * 1024 * 1024;
/**
 * … and by so much for each command accepted in between: stocks remember it for its window (R5), 121 bytes each until they
 * leave, and V8 lets a heap grow to about three times what lives in it.
 */
const REMEMBERED_BYTES = 3 * 121;
/** Of the rate without overload, in the median second. */
const GOODPUT_MIN = 0.5;
const SHUTDOWN_MS = 10_000;
/** A process on a full machine does not hear of a signal at once. */
const SHUTDOWN_SLACK_MS = { timed: 2_000, untimed: 20_000 };
/** Commands that stocks have not answered: two pieces of batches, and what each connection and each process manager asks. */
const waitingMax = (room: number) => PIECES_AT_ONCE * PIECE_LINES + 3 * room + PROCESSES_ASK;
const PIECE_LINES = 500;
const PROCESSES_ASK = 256;
const CHANNELS = 3;

/** @param isTimed false: on a machine that others use, only what does not depend on its speed */
export function checksOf(run: Run, isTimed = true): readonly Check[] {
  const during = overloadOf(run);
  return [
    ...answered(during, isTimed),
    ...(isTimed ? [memory(during), goodput(run, during)] : []),
    ...queues(run, during),
    ...logged(run),
    afterwards(run),
    stopped(run, isTimed),
  ];
}

export function overloadOf({ moments, overloadFrom, overloadUntil }: Run): readonly Moment[] {
  return moments.filter(({ minute }) => minute > overloadFrom && minute <= overloadUntil);
}

const check = (what: string, holds: boolean, found: string): Check => ({ what, holds, found });
const count = (value: number) => Math.round(value).toLocaleString('en');
export const sum = (moments: readonly Moment[], of: (moment: Moment) => number) =>
  moments.reduce((total, moment) => total + of(moment), 0);

function answered(during: readonly Moment[], isTimed: boolean): readonly Check[] {
  const refusals = sum(during, ({ crowd }) => Object.values(crowd.refusals).reduce((all, n) => all + n, 0));
  const silent = sum(during, ({ crowd }) => crowd.withoutRetryAfter);
  const unexpected = sum(during, ({ crowd }) => crowd.unexpected);
  const example = during.find(({ crowd }) => crowd.example !== undefined)?.crowd.example;
  const healths = during.map(({ healthMs }) => healthMs);
  const dead = healths.filter(Number.isNaN).length;
  const told = during.at(-1)!.told - during[0]!.told;
  return [
    check(
      'more is offered than is taken, and it is turned away',
      refusals > 0,
      `${count(refusals)} refusals of requests and lines`,
    ),
    check('every refusal says when to come again', silent === 0, `${count(silent)} without Retry-After`),
    check('nothing is answered that nobody expects', unexpected === 0, example ?? 'no such answer'),
    check(
      isTimed ? 'its health is answered throughout' : 'its health is answered when the room is full',
      isTimed ? dead === 0 : dead < during.length / 2,
      `${dead} of ${during.length} seconds without, p99 ${count(percentile(sorted(healths), 0.99))} ms`,
    ),
    check('the live dashboard goes on', told > 0, `${count(told)} times new figures`),
  ];
}

const sorted = (values: readonly number[]) => values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);

function memory(during: readonly Moment[]): Check {
  const third = Math.floor(during.length / 3);
  const [middle, last] = [during.slice(third, 2 * third), during.slice(2 * third)];
  const resident = (part: readonly Moment[]) => median(part.map(({ probed }) => probed.residentBytes));
  const grown = resident(last) - resident(middle);
  // Between the middles of both thirds.
  const accepted = sum([...middle, ...last], ({ crowd }) => crowd.accepted) / 2;
  const allowed = GROWTH_BYTES_MAX + REMEMBERED_BYTES * accepted;
  const mb = (bytes: number) => `${count(bytes / 1e6)} MB`;
  const found = `${mb(resident(middle))}, then ${mb(resident(last))}; ${mb(allowed)} more would be too much after ${count(accepted)} commands`;
  return check('memory is bounded', grown <= allowed, found);
}

function goodput({ capacity }: Run, during: readonly Moment[]): Check {
  const rate = median(during.map(({ crowd }) => crowd.accepted));
  const found = `${count(rate)} a second in the median, ${count(capacity)} without overload`;
  return check('what is taken does not collapse', rate >= GOODPUT_MIN * capacity, found);
}

function queues({ sizes }: Run, during: readonly Moment[]): readonly Check[] {
  const most = (of: (moment: Moment) => number) => Math.max(...during.map(of));
  const [waiting, backlog] = [most((moment) => moment.waiting), most((moment) => moment.backlog)];
  const connections = most(({ crowd }) => crowd.connections);
  return [
    check(
      'queues are bounded',
      waiting <= waitingMax(sizes.room) && backlog <= CHANNELS * sizes.skus,
      `at most ${count(waiting)} commands waited where ${count(waitingMax(sizes.room))} may, and ${count(backlog)} of ${count(CHANNELS * sizes.skus)} values for channels`,
    ),
    check(
      'there were more connections than there is room for',
      connections > sizes.room,
      `${count(connections)} for ${count(sizes.room)}`,
    ),
  ];
}

function logged({ audited }: Run): readonly Check[] {
  const { events, accepted, refused, unknown, unknownTaken, examples } = audited;
  const { acceptedMissing, refusedTaken, twice, foreign, heldForNobody } = audited;
  const such = examples.length === 0 ? '' : `, such as ${examples.join(', ')}`;
  return [
    check(
      `whatever was answered with 2xx is in the log exactly once (${count(accepted)} commands, ${count(events)} events)`,
      acceptedMissing === 0 && twice === 0 && foreign === 0,
      `${acceptedMissing} missing, ${twice} twice, ${foreign} that nobody sent${such}`,
    ),
    check(
      `nothing of what was turned away is in it (${count(refused)} commands)`,
      refusedTaken === 0 && heldForNobody === 0,
      `${refusedTaken} are, ${heldForNobody} reservations of nobody${such}`,
    ),
    check(
      'what was not answered is there once or not at all',
      twice === 0,
      `${count(unknown)} commands, ${count(unknownTaken)} of them taken`,
    ),
  ];
}

function afterwards({ drained: { channelsMs, ordersMs, different } }: Run): Check {
  const seconds = (ms: number) => (Number.isNaN(ms) ? 'never' : `after ${count(ms / 1_000)} s`);
  return check(
    'afterwards everything drains and each channel shows what it should (P10)',
    channelsMs >= 0 && ordersMs >= 0 && different === 0,
    `channels ${seconds(channelsMs)}, orders ${seconds(ordersMs)}, ${different} values differ`,
  );
}

function stopped({ stopped: { tookMs, code }, restartMs }: Run, isTimed: boolean): Check {
  const slackMs = SHUTDOWN_SLACK_MS[isTimed ? 'timed' : 'untimed'];
  return check(
    'SIGTERM at the height of it ends the server in order and in time',
    code === 0 && tookMs <= SHUTDOWN_MS + slackMs,
    `code ${code} after ${(tookMs / 1_000).toFixed(1)} s; it listens again ${(restartMs / 1_000).toFixed(1)} s after the next start`,
  );
}
