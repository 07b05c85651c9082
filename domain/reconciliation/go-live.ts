// May a channel in shadow mode go live? A list of what must hold, each with what was found and what to do about it. Pure:
// whoever asks gathers the facts. Going live itself is a change of policy, and stays somebody's decision.
import { plural } from '../plural.ts';
import type { Instant } from '../time.ts';
import { DAY } from '../time.ts';

export interface GoLiveFacts {
  readonly channel: string;
  readonly isShadow: boolean;
  readonly policyVersion: string;
  /** Why it cannot be reached; undefined: its connector and secret are there. */
  readonly unreachable: string | undefined;
  /** The last comparison that completed; undefined: there was none. */
  readonly compared: ComparedFacts | undefined;
  /** SKUs that publishing has still to tell, or has under way. */
  readonly backlog: number;
  /** Events of the log that are not in the figures yet. */
  readonly isBehind: boolean;
  /** Open cases about the channel, or about a location that it sells from. */
  readonly openCases: number;
  readonly criticalCases: readonly string[];
  readonly now: Instant;
}

export interface ComparedFacts {
  readonly run: string;
  readonly at: Instant;
  readonly isComplete: boolean;
  readonly badLines: number;
  readonly skus: number;
  /** Differences that nothing explains. */
  readonly mismatches: number;
  readonly mismatchedUnits: number;
  /** SKUs that only the channel knows. */
  readonly unmapped: readonly string[];
  readonly unmappedCount: number;
}

export interface Check {
  readonly name: 'policy' | 'connector' | 'compared' | 'mismatches' | 'mapped' | 'backlog' | 'cases';
  readonly isOk: boolean;
  /** What was found. */
  readonly detail: string;
  /** What to do; absent: nothing. */
  readonly todo?: string;
}

/** A comparison of longer ago says little of now. */
const FRESH_MS = DAY;

/** @param mismatchPercentMax of the SKUs compared, 0 to 100 */
export function goLiveChecks(facts: GoLiveFacts, mismatchPercentMax: number): readonly Check[] {
  const { channel, compared, backlog, isBehind, openCases, criticalCases, unreachable } = facts;
  const check = (name: Check['name'], isOk: boolean, detail: string, todo: string): Check =>
    isOk ? { name, isOk, detail } : { name, isOk, detail, todo };
  const compareAgain = `evenstock reconcile ${channel}`;
  return [
    policyCheck(facts),
    check(
      'connector',
      unreachable === undefined,
      unreachable ?? 'its connector and secret are there',
      'set the connector in the policy and its secret in the environment',
    ),
    comparedCheck(facts, compareAgain),
    check(
      'mismatches',
      compared !== undefined && compared.mismatches <= (compared.skus * mismatchPercentMax) / 100,
      compared === undefined
        ? 'not known'
        : `${compared.mismatches} of ${plural(compared.skus, 'SKU')} (${plural(compared.mismatchedUnits, 'unit')}), ${mismatchPercentMax} % may be`,
      `look at them (GET /v1/reconciliations/${compared?.run ?? '{run}'}), mend their causes, then ${compareAgain}`,
    ),
    check(
      'mapped',
      compared?.unmappedCount === 0,
      compared === undefined ? 'not known' : unmappedText(compared),
      'map them to SKUs of ours, or take them off the channel',
    ),
    check(
      'backlog',
      backlog === 0 && !isBehind,
      isBehind ? 'the figures are behind the log' : `${plural(backlog, 'SKU waits', 'SKUs wait')} to be told`,
      'wait until it is empty',
    ),
    check(
      'cases',
      criticalCases.length === 0,
      `${plural(openCases, 'open case')}, ${criticalCases.length} of them critical${criticalCases.length === 0 ? '' : `: ${criticalCases.slice(0, 3).join(', ')}`}`,
      'resolve the critical ones',
    ),
  ];
}

function policyCheck({ channel, isShadow, policyVersion }: GoLiveFacts): Check {
  const name = 'policy';
  if (!isShadow) return { name, isOk: true, detail: `policy ${policyVersion} has it live already` };
  return {
    name,
    isOk: true,
    detail: `policy ${policyVersion} has it in shadow mode`,
    todo: `when all else holds, set "mode": "live" for ${channel} under a new version of the policy and apply it`,
  };
}

function comparedCheck({ compared, now }: GoLiveFacts, compareAgain: string): Check {
  const name = 'compared';
  if (compared === undefined) return { name, isOk: false, detail: 'it was never compared', todo: compareAgain };
  const { at, run, isComplete, badLines } = compared;
  const hours = Math.floor((now - at) / (60 * 60_000));
  if (now - at > FRESH_MS) {
    return { name, isOk: false, detail: `run ${run} was ${plural(hours, 'hour')} ago`, todo: compareAgain };
  }
  if (!isComplete) {
    const bad =
      badLines === 0
        ? 'its statement was partial'
        : `${plural(badLines, 'line of its statement was', 'lines of its statement were')} bad`;
    return { name, isOk: false, detail: `run ${run}: ${bad}`, todo: 'compare it with a complete statement' };
  }
  return { name, isOk: true, detail: `run ${run}, ${plural(hours, 'hour')} ago, with a complete statement` };
}

function unmappedText({ unmapped, unmappedCount }: ComparedFacts): string {
  if (unmappedCount === 0) return 'every SKU it shows is known here';
  const more = unmappedCount > unmapped.length ? ' …' : '';
  return `${plural(unmappedCount, 'SKU that it shows is', 'SKUs that it shows are')} not known here: ${unmapped.join(', ')}${more}`;
}
