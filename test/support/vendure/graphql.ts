// Asks a Vendure as its own pages do: GraphQL with a session that the answer's header names.

export type Ask = <T>(query: string, variables?: Readonly<Record<string, unknown>>) => Promise<T>;

/** @throws Error with the first message of `errors` */
export function asker(url: string): Ask {
  let token: string | undefined;
  return async <T>(query: string, variables = {}) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query, variables }),
    });
    token = response.headers.get('vendure-auth-token') ?? token;
    const { data, errors } = (await response.json()) as { data: T; errors?: readonly { message: string }[] };
    if (errors !== undefined) throw new Error(errors[0]!.message);
    return data;
  };
}

/** One of a union of a success and errors. @throws Error with Vendure's code */
export function unless<T extends { readonly __typename: string }>(
  type: string,
  result: T & { readonly errorCode?: string; readonly message?: string; readonly transitionError?: string },
): T {
  if (result.__typename === type) return result;
  throw new Error([result.errorCode, result.message, result.transitionError].filter(Boolean).join(': '));
}
export const OR_ERROR = '__typename ... on ErrorResult { errorCode message }';
