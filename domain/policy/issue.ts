// How a rule of the policy document says what breaks it: where in the document, and the rule in words.

export type IssuePath = readonly (string | number)[];
export type Issue = (path: IssuePath, message: string) => void;

/** The same, seen from a part of the document. */
export function issuesAt(place: IssuePath, issue: Issue): Issue {
  return (path, message) => issue([...place, ...path], message);
}

export function unique(entries: readonly { readonly id: string }[], issue: Issue): void {
  const seen = new Set<string>();
  entries.forEach(({ id }, n) => {
    if (seen.has(id)) issue([n], `${id} is defined twice`);
    seen.add(id);
  });
}
