// Compares two OpenAPI documents as a client of the first would: what it may send must still be taken, what it
// relies on in answers must still come. New paths, optional fields and wider limits break nothing.

type Schema = Readonly<Record<string, unknown>>;
type Operation = {
  readonly parameters?: readonly { readonly name: string; readonly required?: boolean; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
  readonly responses: Readonly<Record<string, unknown>>;
};
export interface Comparable {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export function breakingChanges(before: Comparable, after: Comparable): string[] {
  const found: string[] = [];
  for (const [path, methods] of Object.entries(before.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const now = after.paths[path]?.[method] as Operation | undefined;
      if (now === undefined) found.push(`${method} ${path}: gone`);
      else compareOperation(`${method} ${path}`, operation as Operation, now, found);
    }
  }
  const requests = namesIn(before, 'request');
  const answers = namesIn(before, 'answer');
  for (const [name, schema] of Object.entries(before.components.schemas)) {
    const now = after.components.schemas[name];
    if (now === undefined) found.push(`${name}: gone`);
    else compareSchema(name, schema, now, { isSent: requests.has(name), isAnswered: answers.has(name) }, found);
  }
  return found;
}

function compareOperation(at: string, before: Operation, after: Operation, found: string[]): void {
  const parameters = new Map((after.parameters ?? []).map((parameter) => [parameter.name, parameter]));
  for (const { name, schema } of before.parameters ?? []) {
    const now = parameters.get(name);
    if (now === undefined) found.push(`${at}: parameter ${name} gone`);
    else compareSchema(`${at} ${name}`, schema, now.schema, { isSent: true, isAnswered: false }, found);
  }
  const known = new Set((before.parameters ?? []).map(({ name }) => name));
  for (const { name, required } of after.parameters ?? []) {
    if (required === true && !known.has(name)) found.push(`${at}: parameter ${name} is now required`);
  }
  for (const type of Object.keys(before.requestBody?.content ?? {})) {
    if (after.requestBody?.content[type] === undefined) found.push(`${at}: body ${type} gone`);
  }
  for (const status of Object.keys(before.responses)) {
    if (status.startsWith('2') && after.responses[status] === undefined) found.push(`${at}: answer ${status} gone`);
  }
}

interface Direction {
  readonly isSent: boolean;
  readonly isAnswered: boolean;
}

function compareSchema(at: string, before: Schema, after: Schema, direction: Direction, found: string[]): void {
  for (const key of ['type', 'format', 'const', '$ref', 'pattern'] as const) {
    // A type may be a list of types.
    if (String(before[key]) !== String(after[key])) found.push(`${at}: ${key} was ${before[key]}, is ${after[key]}`);
  }
  const { isSent, isAnswered } = direction;
  for (const [key, sign] of [
    ['minimum', 1],
    ['maximum', -1],
    ['minLength', 1],
    ['maxLength', -1],
  ] as const) {
    const [was, is] = [before[key], after[key]] as [number | undefined, number | undefined];
    if (isSent && is !== undefined && (was === undefined || (is - was) * sign > 0))
      found.push(`${at}: ${key} is now ${is}`);
  }
  const [wasRequired, isRequired] = [before, after].map((schema) => (schema['required'] ?? []) as string[]);
  if (isSent) {
    for (const name of isRequired!) if (!wasRequired!.includes(name)) found.push(`${at}: ${name} is now required`);
  }
  if (isAnswered) {
    for (const name of wasRequired!)
      if (!isRequired!.includes(name)) found.push(`${at}: ${name} no longer always there`);
  }
  const [properties, now] = [before, after].map((schema) => (schema['properties'] ?? {}) as Record<string, Schema>);
  for (const [name, schema] of Object.entries(properties!)) {
    if (now![name] === undefined) found.push(`${at}: ${name} gone`);
    else compareSchema(`${at}.${name}`, schema, now![name], direction, found);
  }
  const [values, allowed] = [before, after].map((schema) => schema['enum'] as readonly unknown[] | undefined);
  for (const value of values ?? [])
    if (isSent && allowed?.includes(value) === false) found.push(`${at}: ${value} gone`);
  if (before['items'] !== undefined) {
    compareSchema(`${at}[]`, before['items'] as Schema, (after['items'] ?? {}) as Schema, direction, found);
  }
  compareAlternatives(at, before, after, direction, found);
}

/** Alternatives are matched by their title, which is the literal that tells them apart. */
function compareAlternatives(at: string, before: Schema, after: Schema, direction: Direction, found: string[]): void {
  const now = (after['oneOf'] ?? []) as readonly Schema[];
  for (const alternative of (before['oneOf'] ?? []) as readonly Schema[]) {
    const match = now.find(({ title }) => title === alternative['title']);
    if (match === undefined) found.push(`${at}: ${alternative['title']} gone`);
    else compareSchema(`${at}(${alternative['title']})`, alternative, match, direction, found);
  }
}

/** The components that requests or answers reach, through references. */
function namesIn(document: Comparable, side: 'request' | 'answer'): ReadonlySet<string> {
  const reached = new Set<string>();
  const visit = (part: unknown): void => {
    for (const [, name] of JSON.stringify(part ?? {}).matchAll(/#\/components\/schemas\/([^"]+)/g)) {
      if (reached.has(name!)) continue;
      reached.add(name!);
      visit(document.components.schemas[name!]);
    }
  };
  for (const methods of Object.values(document.paths)) {
    for (const operation of Object.values(methods) as Operation[]) {
      visit(side === 'request' ? [operation.parameters, operation.requestBody] : operation.responses);
    }
  }
  return reached;
}
