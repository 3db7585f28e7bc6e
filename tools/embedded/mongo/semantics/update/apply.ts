import { appended } from '../bson/encode.ts';
import { identical } from '../compare.ts';
import { badValue, MongoError, NotImplementedError } from '../errors.ts';
import { arrayIndex } from '../path.ts';
import { Doc, type Missing, type Value } from '../value.ts';
import { KEEP, REMOVE, type Operation, type UpdateContext } from './operations.ts';
import { checkTarget, renameSource, withoutPath } from './rename.ts';
import { inOrder, isFilter, type Node } from './tree.ts';

/** MongoDB's own limit for nulls put in front of a new array element. */
const MAX_PADDING = 1_500_000;

const notViable = (part: string, path: string): MongoError =>
  new MongoError(28, `Cannot create field '${part}' in element at '${path}'`);

const immutableId = (): MongoError =>
  new MongoError(66, "Performing an update on the path '_id' would modify the immutable field '_id'");

/** The first step that would make or change nothing here leaves the value itself, so `===` means unchanged. */
type Changed = Value | Missing;

class Application {
  readonly context: UpdateContext;
  modified = false;
  readonly renamed: Array<readonly string[]> = [];

  constructor(context: UpdateContext) {
    this.context = context;
  }

  /** The value at `path` after everything below `node` was done to it. */
  visit(node: Node, value: Changed, path: readonly string[]): Changed {
    if (node.operation?.source) return this.moved(node.operation.source, value, path);
    if (node.operation) return this.leaf(node.operation, value, path.join('.'));
    const [first] = node.children.keys();
    if (first !== undefined && isFilter(first)) return this.elements(node, value, path);
    return inOrder(node).reduce<Changed>((current, [part, child]) => this.child(current, part, child, path), value);
  }

  private leaf(operation: Operation, value: Changed, path: string): Changed {
    if (value === undefined && !operation.creates) return undefined;
    const outcome = operation.apply(value, this.context, path);
    if (outcome === KEEP) return value;
    if (outcome === REMOVE) {
      this.modified = true;
      return undefined;
    }
    if (value !== undefined && identical(value, outcome)) return value;
    this.modified = true;
    return outcome;
  }

  private moved(source: readonly string[], value: Changed, path: readonly string[]): Changed {
    const found = renameSource(this.context.original, source);
    if (found === undefined) return value;
    if (path[0] === '_id' || source[0] === '_id') throw immutableId();
    checkTarget(this.context.original, path);
    this.modified = true;
    this.renamed.push(source);
    return found;
  }

  private child(parent: Changed, name: string, node: Node, path: readonly string[]): Changed {
    const part = name === '$' ? this.matched() : name;
    const at = [...path, part];
    if (parent === undefined || parent instanceof Doc) {
      const array = node.operation?.appends && parent?.unread(part);
      if (parent && array && node.operation?.appends) {
        this.modified = true;
        return parent.clone().set(part, appended(array, node.operation.appends));
      }
      const old = parent?.get(part);
      const next = this.visit(node, old, at);
      return next === old ? parent : withField(parent, part, next);
    }
    const index = Array.isArray(parent) ? arrayIndex(part) : undefined;
    if (!Array.isArray(parent) || index === undefined) {
      this.blocked(node, part, path);
      return parent;
    }
    const next = this.visit(node, parent[index], at);
    return next === parent[index] ? parent : withElement(parent, index, next);
  }

  private matched(): string {
    const { matchedIndex } = this.context;
    if (matchedIndex === undefined)
      throw badValue('The positional operator did not find the match needed from the query.');
    return String(matchedIndex);
  }

  /** A plain value stands where the path wants to go on: an error unless every operation below passes over it. */
  private blocked(node: Node, part: string, path: readonly string[]): void {
    const { original } = this.context;
    const idle = leaves(node).every(({ lenient, source }) => {
      if (!source) return lenient === true;
      // A rename of nothing does nothing, wherever it leads.
      if (renameSource(original, source) === undefined) return true;
      checkTarget(original, [...path, part]);
      return false;
    });
    if (idle) return;
    throw notViable(part, path.join('.'));
  }

  private elements(node: Node, value: Changed, path: readonly string[]): Changed {
    if (value === undefined)
      throw badValue(`The path '${path.join('.')}' must exist in the document in order to apply array updates.`);
    if (!Array.isArray(value)) throw badValue(`Cannot apply array updates to non-array element at '${path.join('.')}'`);
    let result = value;
    value.forEach((element, index) => {
      const chosen = [...node.children].filter(([name]) => this.selects(name.slice(2, -1), element));
      if (chosen.length > 1) throw new NotImplementedError('two array filters that meet in one element');
      for (const [, child] of chosen) {
        const next = this.visit(child, element, [...path, String(index)]);
        if (next === element) continue;
        if (result === value) result = [...value];
        result[index] = next === undefined ? null : next;
      }
    });
    return result;
  }

  private selects(id: string, element: Value): boolean {
    return id === '' || this.context.filters.get(id)!(element);
  }
}

function leaves(node: Node): Operation[] {
  return node.operation ? [node.operation] : [...node.children.values()].flatMap(leaves);
}

function withField(parent: Doc | Missing, name: string, value: Changed): Doc {
  const copy = parent ? parent.clone() : new Doc();
  if (value === undefined) copy.delete(name);
  else copy.set(name, value);
  return copy;
}

/** Removing an element leaves null in its place; a place beyond the end is reached through nulls. */
function withElement(parent: Value[], index: number, value: Changed): Value[] {
  if (index - parent.length > MAX_PADDING) throw badValue(`cannot pad the array by more than ${MAX_PADDING} elements`);
  const copy = [...parent];
  while (copy.length < index) copy.push(null);
  copy[index] = value === undefined ? null : value;
  return copy;
}

function checkId(before: Doc, after: Doc, inserting: boolean): void {
  const id = before.get('_id');
  const now = after.get('_id');
  if (inserting && id === undefined) return;
  if (id === undefined ? now !== undefined : now === undefined || !identical(id, now)) throw immutableId();
}

export function applyTree(root: Node, original: Doc, context: UpdateContext): { document: Doc; modified: boolean } {
  const application = new Application(context);
  // The root is a document and stays one: operations never stand at the empty path.
  const changed = application.visit(root, original, []) as Doc;
  const document = application.renamed.reduce(withoutPath, changed);
  checkId(original, document, context.inserting);
  return { document, modified: application.modified };
}
