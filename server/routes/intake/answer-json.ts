// Answers to commands as JSON text, concatenated by hand: their fields need no escaping but the command id, and this
// is the hottest serialisation there is. Their shapes are the schemas in ../openapi/schemas.ts; a test compares.
import type { StockCommand } from '../../../domain/stock/commands.ts';
import { available } from '../../../domain/stock/levels.ts';
import type { Accepted, Answer } from '../../actors/answer.ts';
import { type Fault, failureDetail } from '../../problems.ts';
import type { BadCommand } from './check-command.ts';

/** A command id is printable ASCII; only these two need an escape in JSON. */
function quoted(id: string): string {
  return id.includes('"') || id.includes('\\') ? JSON.stringify(id) : `"${id}"`;
}

/** The body of 200 and 202. */
export function acceptedJson(command: StockCommand, answer: Accepted): string {
  const { levels } = answer;
  return (
    `{"commandId":${quoted(command.id)},"outcome":"${answer.outcome}","duplicate":${answer.duplicate},` +
    `"event":"${answer.eventType}","revision":${answer.revision},"position":"${answer.position}",` +
    `"stock":{"sku":"${command.sku}","location":"${command.location}","onHand":${levels.onHand},` +
    `"reserved":${levels.reserved},"quarantined":${levels.quarantined},"inTransitIn":${levels.inTransitIn},` +
    `"inTransitOut":${levels.inTransitOut},"available":${available(levels)}}` +
    `${answer.bundle === undefined ? '' : `,"bundle":${JSON.stringify(answer.bundle)}`}}`
  );
}

/** One line of a batch answer, with its line feed. */
export function answerLine(line: number, commandId: string, answer: Answer): string {
  const head = `{"line":${line},"commandId":${quoted(commandId)},"outcome":"${answer.outcome}",`;
  switch (answer.outcome) {
    case 'accepted':
    case 'parked':
      return (
        `${head}"duplicate":${answer.duplicate},"event":"${answer.eventType}",` +
        `"revision":${answer.revision},"position":"${answer.position}"}\n`
      );
    case 'refused':
      return `${head}"reason":"${answer.reason}","detail":${JSON.stringify(answer.detail)}}\n`;
    case 'failed': {
      const detail = JSON.stringify(failureDetail(answer));
      return `${head}"reason":"${answer.reason}","detail":${detail},"retryAfterMs":${answer.retryAfterMs}}\n`;
    }
  }
}

/** A line that never reached an actor. */
export function badLine(line: number, bad: BadCommand): string {
  const { commandId, reason, detail, errors } = bad;
  const body: {
    line: number;
    commandId: string | undefined;
    outcome: 'invalid';
    reason: string;
    detail: string;
    errors: readonly Fault[];
  } = { line, commandId, outcome: 'invalid', reason, detail, errors };
  return `${JSON.stringify(body)}\n`;
}
