// What the sender of counted lines, or of decisions about them, is told: a verdict a line. When not one was taken, nothing
// has happened, and the answer is the problem of the first.
import { START } from '../../domain/event-log.ts';
import type { LinesCommand, StocktakeRefused } from '../counts/counts.ts';
import type { LinesJudged, LineVerdict } from '../counts/lines-on-sheets.ts';
import { answerProblem, problem, problemResponse, refusalProblem, retryAfterSeconds } from '../problems.ts';
import { json } from './api.ts';

const ERRORS_MAX = 20;

type Refused = Extract<LineVerdict, { outcome: 'refused' }>;

export function linesResponse(answer: LinesJudged | StocktakeRefused, command: LinesCommand): Response {
  const { id } = command;
  if (answer.outcome === 'refused') return problemResponse(refusalProblem(answer.reason, answer.detail, id));
  const { lines, duplicate, settled, position } = answer;
  if (lines.every(({ outcome }) => outcome !== 'accepted')) return problemResponse(noneTaken(lines, command));
  const retryAfterMs = lines.reduce(
    (most, line) => (line.outcome === 'failed' ? Math.max(most, line.retryAfterMs) : most),
    0,
  );
  const shown = lines.map((line) => (line.outcome === 'failed' ? { ...line, detail: undefined } : line));
  const body = {
    ...{ commandId: id, outcome: 'accepted', duplicate, settled },
    ...(position === START ? undefined : { position }),
    lines: shown,
  };
  if (retryAfterMs === 0) return settled ? json(body) : accepted(json(body));
  // The same again takes the lines that failed, and tells the verdicts of the others again.
  return accepted(json(body, { 'retry-after': retryAfterSeconds(retryAfterMs) }));
}

function accepted(response: Response): Response {
  return new Response(response.body, { status: 202, headers: response.headers });
}

/** A failure before a refusal: the same again may be taken. */
function noneTaken(lines: readonly LineVerdict[], command: LinesCommand) {
  const failure = lines.find((line) => line.outcome === 'failed');
  if (failure !== undefined) return answerProblem(failure, command.id);
  const refused = lines as readonly Refused[];
  const errors = refused.slice(0, ERRORS_MAX).map(({ reason, detail }, n) => {
    return { path: command.type === 'count' ? `/lines/${n}/sku` : `/skus/${n}`, rule: reason, message: detail };
  });
  return problem(refused[0]!.reason, refused[0]!.detail, { commandId: command.id, errors });
}
