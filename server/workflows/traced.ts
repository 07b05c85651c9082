// The commands of a workflow as spans: what it asks of stocks, and its own events, hang on the command they come of. Each is
// linked to the last one before it, so that an order that is placed, shipped and cancelled by three requests is one story.
import { isSampled } from '../../adapters/telemetry/trace-context.ts';
import type { Spans } from '../observe/spans.ts';
import type { Sender } from './course.ts';
import type { WorkflowAnswer } from './workflow-answer.ts';

type Submit<S, C, R extends string> = (id: string, command: C, sender: Sender) => Promise<WorkflowAnswer<S, R>>;

export interface TracedRoom {
  readonly category: string;
  /** Undefined: there are no traces. */
  readonly spans: Spans | undefined;
  /** Trace context of the last command before; asked for a sampled command only. */
  readonly lastOf: (id: string) => Promise<string | undefined>;
}

/** `submit` itself where there are no traces. */
export function traced<S, C extends { readonly type: string }, R extends string>(
  { category, spans, lastOf }: TracedRoom,
  submit: Submit<S, C, R>,
): Submit<S, C, R> {
  if (spans === undefined) return submit;
  const name = `${category}.command`;
  return async (id, command, sender) => {
    const { traceparent } = sender;
    if (traceparent === undefined || !isSampled(traceparent)) return submit(id, command, sender);
    // Whoever cannot be read now is answered by what comes next.
    const last = await lastOf(id).catch(() => undefined);
    const span = spans.caused([traceparent, last], () => ({
      name,
      attributes: { 'evenstock.stream': `${category}-${id}`, 'evenstock.command': command.type },
    }));
    const answer = await submit(id, command, { ...sender, traceparent: span?.traceparent ?? traceparent });
    if (answer.outcome === 'failed') span?.end({}, { type: answer.reason, message: answer.detail });
    else if (answer.outcome === 'refused') span?.end({ 'evenstock.outcome': answer.reason });
    else span?.end({ 'evenstock.outcome': 'accepted', 'evenstock.settled': answer.settled });
    return answer;
  };
}
