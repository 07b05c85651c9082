// Judges lines about names, each by all lines before it. What contradicts what is known is refused with the reason: taking
// it would send another SKU's units to a listing, or book a sale on the wrong SKU. Pure.
import type { IdentifierChange } from './events.ts';
import { ALIASES_MAX, IDS_MAX, type IdentifierLine, type Named } from './lines.ts';
import { type Called, calledAfter, type NamesReader } from './names.ts';

export type LineVerdict =
  | { readonly outcome: 'taken' }
  /** It is so already. */
  | { readonly outcome: 'unchanged' }
  | { readonly outcome: 'refused'; readonly reason: IdentifierRefusal; readonly detail: string };

export type IdentifierRefusal =
  | 'id-means-another'
  | 'called-otherwise'
  | 'not-mapped'
  | 'too-many-aliases'
  | 'too-many-ids'
  | 'unknown-sku'
  | 'unknown-location';

export interface Known {
  readonly names: Readonly<Record<Named, NamesReader>>;
  readonly knowsSku: (sku: string) => boolean;
  readonly knowsLocation: (location: string) => boolean;
}

export interface Decided {
  readonly verdicts: readonly LineVerdict[];
  readonly changes: readonly IdentifierChange[];
}

export function decideLines(lines: readonly IdentifierLine[], known: Known): Decided {
  const changes: IdentifierChange[] = [];
  const seen = { sku: overlay(known.names.sku), location: overlay(known.names.location) };
  const verdicts = lines.map((line): LineVerdict => {
    const names = seen[line.what];
    const size = seen.sku.size() + seen.location.size();
    const judged = judge(line, names.called(line.ours), names.oursOf(line.theirs), size, known);
    if ('outcome' in judged) return judged;
    changes.push(judged.change);
    names.change(judged.change);
    return { outcome: 'taken' };
  });
  return { verdicts, changes };
}

function judge(
  { what, ours, theirs, more, action }: IdentifierLine,
  called: Called | undefined,
  means: string | undefined,
  size: number,
  { knowsSku, knowsLocation }: Known,
): { readonly change: IdentifierChange } | LineVerdict {
  if (action === 'unmap') {
    if (means === ours) return { change: ['unmap', what, ours, theirs] };
    if (means === undefined) return { outcome: 'unchanged' };
    return refused('not-mapped', `${theirs} does not mean ${ours} but ${means}`);
  }
  if (what === 'sku' && !knowsSku(ours)) return refused('unknown-sku', `the policy has no SKU ${ours}`);
  if (what === 'location' && !knowsLocation(ours))
    return refused('unknown-location', `the policy has no location ${ours}`);
  if (means !== undefined && means !== ours)
    return refused('id-means-another', `${theirs} means ${means} already: unmap that first`);
  if (means === undefined && size >= IDS_MAX) return refused('too-many-ids', `a system may have ${IDS_MAX} ids`);
  if (action === 'alias') {
    if (means === ours) return { outcome: 'unchanged' };
    if ((called?.aliases.length ?? 0) >= ALIASES_MAX) return tooManyAliases(ours);
    return { change: ['alias', what, ours, theirs] };
  }
  if (called?.id === theirs && sameMore(called.more, more)) return { outcome: 'unchanged' };
  if (called?.id !== undefined && called.id !== theirs) {
    if (action === 'map')
      return refused('called-otherwise', `${ours} is called ${called.id}: replace that, or give this id as an alias`);
    if (called.aliases.filter((alias) => alias !== theirs).length >= ALIASES_MAX) return tooManyAliases(ours);
  }
  return { change: more === undefined ? ['map', what, ours, theirs] : ['map', what, ours, theirs, more] };
}

function tooManyAliases(ours: string): LineVerdict {
  return refused('too-many-aliases', `${ours} has ${ALIASES_MAX} aliases, the most there can be`);
}

function refused(reason: IdentifierRefusal, detail: string): LineVerdict {
  return { outcome: 'refused', reason, detail };
}

function sameMore(a: Readonly<Record<string, string>> = {}, b: Readonly<Record<string, string>> = {}): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

/** The names as the lines so far leave them. */
function overlay(base: NamesReader) {
  const changedOurs = new Map<string, Called>();
  const changedTheirs = new Map<string, string | undefined>();
  let added = 0;
  const called = (ours: string) => changedOurs.get(ours) ?? base.called(ours);
  const oursOf = (theirs: string) => (changedTheirs.has(theirs) ? changedTheirs.get(theirs) : base.oursOf(theirs));
  return {
    called,
    oursOf,
    size: () => base.size + added,
    change(change: IdentifierChange) {
      const [op, , ours, theirs] = change;
      if (op === 'unmap') added -= 1;
      else if (oursOf(theirs) === undefined) added += 1;
      changedTheirs.set(theirs, op === 'unmap' ? undefined : ours);
      changedOurs.set(ours, calledAfter(called(ours), change));
    },
  };
}
