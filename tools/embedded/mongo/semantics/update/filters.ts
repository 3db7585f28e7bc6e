import { badValue, failedToParse } from '../errors.ts';
import { compileFilter } from '../match/compile.ts';
import { Doc, type Value } from '../value.ts';

/** `{ 'e.a': 1, 'e.b': 2 }` asks about the element named `e`; with `$and` and `$or` the name is inside. */
function identifiers(filter: Doc): Set<string> {
  const names = new Set<string>();
  for (const [key, value] of filter) {
    if (!key.startsWith('$')) names.add(key.split('.')[0]!);
    else if (Array.isArray(value))
      for (const branch of value) if (branch instanceof Doc) for (const name of identifiers(branch)) names.add(name);
  }
  return names;
}

export function compileArrayFilters(filters: readonly Value[]): Map<string, (element: Value) => boolean> {
  const compiled = new Map<string, (element: Value) => boolean>();
  for (const filter of filters) {
    if (!(filter instanceof Doc)) throw failedToParse('array filters must be documents');
    const { matches } = compileFilter(filter);
    const [name, ...others] = identifiers(filter);
    if (name === undefined)
      throw failedToParse('Cannot use an expression without a top-level field name in arrayFilters');
    if (others.length > 0) throw failedToParse('Error parsing array filter :: Expected a single top-level field name');
    if (!/^[a-z][a-zA-Z0-9]*$/.test(name))
      throw badValue(
        `The top-level field name must be an alphanumeric string beginning with a lowercase letter: ${name}`,
      );
    if (compiled.has(name))
      throw failedToParse(`Found multiple array filters with the same top-level field name ${name}`);
    compiled.set(name, (element) => matches(new Doc([[name, element]])));
  }
  return compiled;
}
