// Reads the part of GraphQL that this adapter speaks: one operation with variables, fields with arguments and directives,
// inline fragments. Enough for a simulator that ships without a GraphQL library; the tests put the real one in its place.

export type Value =
  | { readonly variable: string }
  | { readonly list: readonly Value[] }
  | { readonly object: Readonly<Record<string, Value>> }
  | { readonly literal: string | number | boolean | null };

export type Arguments = Readonly<Record<string, Value>>;

export interface Field {
  readonly name: string;
  readonly alias: string;
  readonly args: Arguments;
  readonly directives: Readonly<Record<string, Arguments>>;
  readonly selections: readonly Selection[];
}
export type Selection = Field | { readonly on: string; readonly selections: readonly Selection[] };

export interface Operation {
  readonly type: 'query' | 'mutation';
  readonly name: string;
  readonly selections: readonly Selection[];
}

const TOKEN = /[A-Za-z_]\w*|"(?:[^"\\\n]|\\.)*"|-?\d+(?:\.\d+)?|\.{3}|[{}()[\]:!@$=]|[^\s,]/g;

/** Where the reading is. */
interface Tokens {
  is(token: string): boolean;
  next(): string;
  name(): string;
  expect(token: string): void;
  /** @throws SyntaxError */
  fail(found?: string): never;
}

function tokensOf(text: string): Tokens {
  const tokens = text.match(TOKEN) ?? [];
  let at = 0;
  const fail = (found: string | undefined = tokens[at]): never => {
    throw new SyntaxError(`syntax error, unexpected ${found ?? 'end of file'}`);
  };
  const next = () => tokens[at++] ?? fail();
  return {
    fail,
    next,
    is: (token) => tokens[at] === token,
    name: () => (/^[A-Za-z_]/.test(tokens[at] ?? '') ? next() : fail()),
    expect(token) {
      if (tokens[at] !== token) fail();
      at += 1;
    },
  };
}

/** @throws SyntaxError */
export function parseOperation(text: string): Operation {
  const tokens = tokensOf(text);
  const type = tokens.next();
  if (type !== 'query' && type !== 'mutation') return tokens.fail(type);
  const name = tokens.is('(') || tokens.is('{') ? '' : tokens.name();
  if (tokens.is('(')) while (tokens.next() !== ')');
  return { type, name, selections: selectionsOf(tokens) };
}

function selectionsOf(tokens: Tokens): readonly Selection[] {
  tokens.expect('{');
  const found: Selection[] = [];
  while (!tokens.is('}')) found.push(selectionOf(tokens));
  tokens.expect('}');
  return found.length > 0 ? found : tokens.fail('}');
}

function selectionOf(tokens: Tokens): Selection {
  if (tokens.is('...')) {
    tokens.next();
    tokens.expect('on');
    return { on: tokens.name(), selections: selectionsOf(tokens) };
  }
  const alias = tokens.name();
  let name = alias;
  if (tokens.is(':')) {
    tokens.next();
    name = tokens.name();
  }
  const args = maybeArguments(tokens);
  const directives: Record<string, Arguments> = {};
  while (tokens.is('@')) {
    tokens.next();
    directives[tokens.name()] = maybeArguments(tokens);
  }
  return { name, alias, args, directives, selections: tokens.is('{') ? selectionsOf(tokens) : [] };
}

function maybeArguments(tokens: Tokens): Arguments {
  if (!tokens.is('(')) return {};
  tokens.next();
  return argumentsUpTo(tokens, ')');
}

function argumentsUpTo(tokens: Tokens, end: string): Arguments {
  const found: Record<string, Value> = {};
  while (!tokens.is(end)) {
    const key = tokens.name();
    tokens.expect(':');
    found[key] = valueIn(tokens);
  }
  tokens.expect(end);
  return found;
}

function valueIn(tokens: Tokens): Value {
  const token = tokens.next();
  if (token === '$') return { variable: tokens.name() };
  if (token === '{') return { object: argumentsUpTo(tokens, '}') };
  if (token === '[') {
    const list: Value[] = [];
    while (!tokens.is(']')) list.push(valueIn(tokens));
    tokens.expect(']');
    return { list };
  }
  if (/^["\d-]/.test(token)) return { literal: JSON.parse(token) as string | number };
  if (!/^[A-Za-z_]/.test(token)) return tokens.fail(token);
  if (token === 'null') return { literal: null };
  return { literal: token === 'true' || token === 'false' ? token === 'true' : token };
}
