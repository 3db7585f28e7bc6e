import { MongoError } from '../errors.ts';
import { arrayIndex } from '../path.ts';
import type { Operation } from './operations.ts';

/** The paths of one update as a tree: a leaf does something, an inner node leads to children. */
export interface Node {
  readonly children: Map<string, Node>;
  operation: Operation | undefined;
}

export const emptyNode = (): Node => ({ children: new Map(), operation: undefined });

const conflict = (path: string, at: string): MongoError =>
  new MongoError(40, `Updating the path '${path}' would create a conflict at '${at}'`);

export const isFilter = (part: string): boolean => part.startsWith('$[') && part.endsWith(']');

/** Puts an operation at its path; two operations may not meet, nor one lie below another. */
export function insert(root: Node, parts: readonly string[], operation: Operation): void {
  let node = root;
  parts.forEach((part, i) => {
    const at = parts.slice(0, i + 1).join('.');
    if (node.operation) throw conflict(parts.join('.'), parts.slice(0, i).join('.'));
    let child = node.children.get(part);
    // An element filter decides per element and cannot stand beside named fields of the same parent.
    const [sibling] = node.children.keys();
    if (sibling !== undefined && isFilter(sibling) !== isFilter(part))
      throw conflict(parts.join('.'), parts.slice(0, i).join('.'));
    if (!child) {
      child = emptyNode();
      node.children.set(part, child);
    } else if (i === parts.length - 1) throw conflict(parts.join('.'), at);
    node = child;
  });
  if (node.operation || node.children.size > 0) throw conflict(parts.join('.'), parts.join('.'));
  node.operation = operation;
}

/** Fields are written in this order: numbers by value, before names by their text. */
export function inOrder(node: Node): Array<[string, Node]> {
  return [...node.children].sort(([left], [right]) => {
    const a = arrayIndex(left);
    const b = arrayIndex(right);
    if (a !== undefined && b !== undefined) return a - b;
    if (a !== undefined || b !== undefined) return a === undefined ? 1 : -1;
    return left < right ? -1 : left > right ? 1 : 0;
  });
}
