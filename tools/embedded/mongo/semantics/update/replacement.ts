import { identical } from '../compare.ts';
import { MongoError } from '../errors.ts';
import { Doc } from '../value.ts';

/** The new document under the old `_id`, which stands first. */
export function replace(document: Doc, replacement: Doc, inserting: boolean): { document: Doc; modified: boolean } {
  const id = document.get('_id');
  const given = replacement.get('_id');
  if (given !== undefined && id !== undefined && !identical(id, given))
    throw new MongoError(66, "After applying the update, the (immutable) field '_id' was found to have been altered");
  // Compared is what was sent, so leaving out an `_id` counts as a change even when the rest is equal.
  const result = new Doc();
  const kept = id ?? given;
  if (kept !== undefined) result.set('_id', kept);
  for (const [name, value] of replacement) if (name !== '_id') result.set(name, value);
  return { document: result, modified: inserting || !identical(document, replacement) };
}
