// One GraphQL call over HTTP, and what it answered. The answer is read up to a limit; redirects are not followed.
import { z } from 'zod';
import { answerOf } from '../http-answer.ts';
import { type Answer, type FailedReply, replyOfError } from '../http-reply.ts';

export interface GraphQLCall {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
}

/** Never rejects: an answer, or why there is none. */
export async function postGraphQL(
  url: string,
  { query, variables = {} }: GraphQLCall,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Answer | FailedReply> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      signal,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'user-agent': 'evenstock',
        ...headers,
      },
      body: JSON.stringify({ query, variables }),
    });
    return await answerOf(response);
  } catch (error) {
    return replyOfError(error) as FailedReply;
  }
}

const GraphQLError = z.object({
  message: z.string(),
  path: z.array(z.union([z.string(), z.number()])).optional(),
  extensions: z.object({ code: z.string().optional() }).optional(),
});
const GraphQLAnswer = z.object({ data: z.unknown(), errors: z.array(GraphQLError).min(1).optional() });
export type GraphQLAnswer = z.output<typeof GraphQLAnswer>;

/** Whatever its status; undefined: it is no GraphQL answer. */
export function graphqlAnswer({ text }: Pick<Answer, 'text'>): GraphQLAnswer | undefined {
  try {
    return GraphQLAnswer.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
