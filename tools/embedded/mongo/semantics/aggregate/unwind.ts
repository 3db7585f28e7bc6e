import { MongoError } from '../errors.ts';
import { Doc, type Value } from '../value.ts';
import { nested, withNested } from './nested.ts';

interface Unwind {
  readonly path: string;
  readonly index?: string;
  readonly preserve: boolean;
}

function parse(spec: Value): Unwind {
  if (typeof spec === 'string') return { path: spec, preserve: false };
  if (!(spec instanceof Doc))
    throw new MongoError(15981, 'expected either a string or an object as specification for $unwind stage');
  for (const name of spec.keys())
    if (!['path', 'preserveNullAndEmptyArrays', 'includeArrayIndex'].includes(name))
      throw new MongoError(28811, `unrecognized option to $unwind stage: ${name}`);
  const path = spec.get('path');
  const preserve = spec.get('preserveNullAndEmptyArrays') ?? false;
  const index = spec.get('includeArrayIndex');
  if (path === undefined) throw new MongoError(28812, 'no path specified to $unwind stage');
  if (typeof path !== 'string') throw new MongoError(28808, 'expected a string as the path for $unwind stage');
  if (typeof preserve !== 'boolean')
    throw new MongoError(28809, 'expected a boolean for the preserveNullAndEmptyArrays option to $unwind stage');
  if (index === undefined) return { path, preserve };
  if (typeof index !== 'string' || index === '')
    throw new MongoError(28810, 'expected a non-empty string for the includeArrayIndex option to $unwind stage');
  if (index.startsWith('$'))
    throw new MongoError(
      28822,
      `includeArrayIndex option to $unwind stage should not be prefixed with a '$': ${index}`,
    );
  return { path, preserve, index };
}

/** One document per element of the array at the path. */
export function compileUnwind(spec: Value): (documents: Doc[]) => Doc[] {
  const { path, preserve, index } = parse(spec);
  if (!path.startsWith('$') || path.length === 1)
    throw new MongoError(28818, `path option to $unwind stage should be prefixed with a '$': ${path}`);
  const parts = path.slice(1).split('.');
  if (parts.includes('')) throw new MongoError(15998, 'FieldPath field names may not be empty strings.');
  const at = index?.split('.');
  const numbered = (document: Doc, place: bigint | null): Doc => (at ? withNested(document, at, place) : document);
  return (documents) =>
    documents.flatMap((document) => {
      const value = nested(document, parts);
      if (Array.isArray(value) && value.length > 0)
        return value.map((element, place) => numbered(withNested(document, parts, element), BigInt(place)));
      if (Array.isArray(value)) return preserve ? [numbered(withNested(document, parts, undefined), null)] : [];
      return (value !== undefined && value !== null) || preserve ? [numbered(document, null)] : [];
    });
}
