// The commands of a workflow as spans: what it asks of stocks, and its own events, hang on the command they come of. Each is
// linked to the last one before it, so that an order that is placed, shipped and cancelled by three requests is one story: also
// where the sampler wants only some requests, because one whose last command was traced goes on in a trace of its own.
import { isSampled } from '../../adapters/telemetry/trace-context.ts';
import type { Spans } from '../observe/spans.ts';
import type { Course, Sender } from './course.ts';
import type { WorkflowAnswer } from './workflow-answer.ts';

type Submit<S, C, R extends string> = (id: string, command: C, sender: Sender) => Promise<WorkflowAnswer<S, R>>;

interface Courses {
  courseOf(id: string): Promise<Pick<Course<unknown>, 'traceparent'>>;
  remembered(id: string): Pick<Course<unknown>, 'traceparent'> | undefined;
}

/** `submit` itself where there are no traces. */
export function traced<S, C extends { readonly type: string }, R extends string>(
  category: string,
  spans: Spans | undefined,
  courses: Courses,
  submit: Submit<S, C, R>,
): Submit<S, C, R> {
  if (spans === undefined) return submit;
  const name = `${category}.command`;
  const begin = async (id: string, { type }: C, { traceparent }: Sender) => {
    const terms = () => ({
      name,
      attributes: { 'evenstock.stream': `${category}-${id}`, 'evenstock.command': type },
    });
    // Nothing is read for what the sampler did not want; whoever said no to traces is heard.
    if (traceparent === undefined) return spans.sequel(courses.remembered(id)?.traceparent, terms);
    if (!isSampled(traceparent)) return undefined;
    // Whoever cannot be read now is answered by what comes next.
    const last = await courses.courseOf(id).catch(() => undefined);
    return spans.caused([traceparent, last?.traceparent], terms);
  };
  return async (id, command, sender) => {
    const span = await begin(id, command, sender);
    if (span === undefined) return submit(id, command, sender);
    const answer = await submit(id, command, { ...sender, traceparent: span.traceparent });
    if (answer.outcome === 'failed') span.end({}, { type: answer.reason, message: answer.detail });
    else if (answer.outcome === 'refused') span.end({ 'evenstock.outcome': answer.reason });
    else span.end({ 'evenstock.outcome': 'accepted', 'evenstock.settled': answer.settled });
    return answer;
  };
}
