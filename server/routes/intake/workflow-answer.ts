// What the sender of a workflow's command is told: the workflow as it is now, or why not.
import { START } from '../../../domain/event-log.ts';
import { answerProblem, type ProblemName, problemResponse, refusalProblem } from '../../problems.ts';
import type { WorkflowAnswer } from '../../workflows/workflow-answer.ts';
import { json } from '../api.ts';

/**
 * 200 when nothing is owed any more, 202 when what the stocks say will follow, else a problem. `view` is how the
 * workflow is shown, under `name`. `position` is for `?after=`; a repeat that appended nothing has none.
 */
export function workflowResponse<S, R extends ProblemName>(
  answer: WorkflowAnswer<S, R>,
  commandId: string,
  name: string,
  view: (state: S, revision: number) => unknown,
): Response {
  if (answer.outcome === 'failed') return problemResponse(answerProblem(answer, commandId));
  if (answer.outcome === 'refused') return problemResponse(refusalProblem(answer.reason, answer.detail, commandId));
  const { duplicate, settled, state, revision, position } = answer;
  const body = {
    ...{ commandId, outcome: 'accepted', duplicate, settled, revision },
    ...(position === START ? undefined : { position }),
    [name]: view(state, revision),
  };
  return settled ? json(body) : accepted(json(body));
}

function accepted(response: Response): Response {
  return new Response(response.body, { status: 202, headers: response.headers });
}
