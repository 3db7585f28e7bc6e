import { MongoError, NotImplementedError } from './errors.ts';
import { compileExpression } from './expression/compile.ts';
import { scopeOf, type Evaluate } from './expression/scope.ts';
import { compileFilter } from './match/compile.ts';
import { truthy } from './match/tests.ts';
import { integral, isNumeric } from './number.ts';
import { checkFieldPath } from './sort.ts';
import { BsonDate, Doc, type Missing, type Value } from './value.ts';

/** What happens to one path: kept, left out, computed, or an array made shorter. */
type Rule =
  | { readonly kind: 'keep' | 'drop' }
  | { readonly kind: 'compute'; readonly run: Evaluate }
  | { readonly kind: 'array'; readonly run: (values: Value[]) => Value[] | Missing; readonly exclusive: boolean };

interface Branch {
  readonly children: Map<string, Branch>;
  rule: Rule | undefined;
}

const branch = (): Branch => ({ children: new Map(), rule: undefined });
const collision = (path: string): MongoError => new MongoError(31250, `Path collision at ${path}`);

function put(root: Branch, parts: readonly string[], rule: Rule): void {
  let node = root;
  for (const part of parts) {
    if (node.rule) throw collision(parts.join('.'));
    let next = node.children.get(part);
    if (!next) node.children.set(part, (next = branch()));
    node = next;
  }
  if (node.rule || node.children.size > 0) throw collision(parts.join('.'));
  node.rule = rule;
}

function slice(operand: Value): Rule {
  const numbers = Array.isArray(operand) ? operand : [operand];
  const [first, second] = numbers
    .map((value) => (isNumeric(value) ? integral(value) : undefined))
    .map((n) => (n === undefined ? undefined : Number(n)));
  if (first === undefined || numbers.length > 2 || (numbers.length === 2 && second === undefined))
    throw new NotImplementedError('$slice', 'as an expression in a find projection');
  if (second !== undefined && second <= 0) throw new MongoError(28724, 'The limit of $slice must be positive');
  const run = (values: Value[]): Value[] => {
    if (second === undefined) return first < 0 ? values.slice(first) : values.slice(0, first);
    const start = first < 0 ? Math.max(0, values.length + first) : first;
    return values.slice(start, start + second);
  };
  return { kind: 'array', run, exclusive: true };
}

function elemMatch(path: string, condition: Value): Rule {
  if (path.includes('.')) throw new MongoError(31275, 'Cannot use $elemMatch projection on a nested field.');
  const { matches } = compileFilter(Doc.of({ a: Doc.of({ $elemMatch: condition }) }));
  const run = (values: Value[]): Value[] | Missing => {
    const found = values.find((value) => matches(Doc.of({ a: [value] })));
    return found === undefined ? undefined : [found];
  };
  return { kind: 'array', run, exclusive: false };
}

export interface ProjectionOptions {
  readonly now?: BsonDate;
  /** `$slice`, `$elemMatch` and `.$` belong to `find` alone; elsewhere they are expressions. */
  readonly find?: boolean;
}

class Parsed {
  readonly root = branch();
  readonly options: ProjectionOptions;
  readonly kinds = new Set<'keep' | 'drop'>();
  idRule: 'keep' | 'drop' | undefined;

  constructor(options: ProjectionOptions) {
    this.options = options;
  }

  add(path: string, value: Value): void {
    if (path.endsWith('.$')) throw new NotImplementedError('a positional projection', path);
    const parts = checkFieldPath(path);
    const operator = value instanceof Doc ? value.firstKey() : undefined;
    if (value instanceof Doc && value.size === 0)
      throw new MongoError(51270, 'An empty sub-projection is not a valid value.');
    if (value instanceof Doc && !operator?.startsWith('$')) {
      for (const [name, inner] of value) this.add(`${path}.${name}`, inner);
    } else if (isNumeric(value) || typeof value === 'boolean') this.flag(path, parts, truthy(value) ? 'keep' : 'drop');
    else put(this.root, parts, this.special(path, value, operator));
  }

  private flag(path: string, parts: readonly string[], kind: 'keep' | 'drop'): void {
    put(this.root, parts, { kind });
    if (path === '_id') {
      this.idRule = kind;
      return;
    }
    this.kinds.add(kind);
    if (this.kinds.size < 2) return;
    const inclusion = kind === 'drop';
    throw new MongoError(
      inclusion ? 31254 : 31253,
      `Cannot do ${inclusion ? 'exclusion' : 'inclusion'} on field ${path} in ${inclusion ? 'inclusion' : 'exclusion'} projection`,
    );
  }

  private special(path: string, value: Value, operator: string | undefined): Rule {
    if (operator === '$meta') throw new NotImplementedError('$meta');
    if (this.options.find && value instanceof Doc && operator === '$slice') {
      if (path.includes('.')) throw new NotImplementedError('$slice', 'on a nested field in a projection');
      return slice(value.get('$slice')!);
    }
    const rule: Rule =
      this.options.find && value instanceof Doc && operator === '$elemMatch'
        ? elemMatch(path, value.get('$elemMatch')!)
        : { kind: 'compute', run: compileIn(value) };
    if (this.kinds.has('drop')) throw new MongoError(31252, 'Cannot use an expression in an exclusion projection');
    this.kinds.add('keep');
    return rule;
  }

  /** Where these stand among other fields is not in the recordings. */
  checkArrays(): void {
    const others = [...this.root.children.keys()].filter((name) => name !== '_id').length;
    for (const { rule } of this.root.children.values())
      if (rule?.kind === 'array' && !rule.exclusive && others > 1)
        throw new NotImplementedError('$elemMatch', 'beside other fields in a projection');
  }

  /** Only `_id` named: it decides; only `$slice`: everything else stays. */
  get inclusive(): boolean {
    if (this.kinds.size > 0) return this.kinds.has('keep');
    return this.idRule === 'keep' && this.root.children.size === 1;
  }
}

function compileIn(value: Value): Evaluate {
  try {
    return compileExpression(value);
  } catch (error) {
    // Inside a projection an unknown expression has a code of its own.
    if (error instanceof MongoError && error.code === 168)
      throw new MongoError(31325, `Invalid projection :: ${error.message}`);
    throw error;
  }
}

/** Applies the rules below `node`; what has none is kept or left out as a whole. */
function shape(node: Branch, value: Value, inclusive: boolean): Value | Missing {
  if (Array.isArray(value))
    return value
      .map((element) =>
        element instanceof Doc || Array.isArray(element) || !inclusive ? shape(node, element, inclusive) : undefined,
      )
      .filter((element) => element !== undefined);
  if (!(value instanceof Doc)) return inclusive ? undefined : value;
  const result = new Doc();
  for (const [name, stored] of value.asStored()) {
    const child = node.children.get(name);
    // What stays or goes as a whole need not be looked into: a journal may be most of its document.
    const isKept = child ? child.rule?.kind === 'keep' : !inclusive;
    if (isKept) result.set(name, stored);
    else if (child && child.rule?.kind !== 'drop') {
      const next = field(child, value.get(name)!, inclusive);
      if (next !== undefined) result.set(name, next);
    }
  }
  return result;
}

function field(child: Branch, value: Value, inclusive: boolean): Value | Missing {
  const { rule } = child;
  if (!rule) return shape(child, value, inclusive);
  if (rule.kind === 'array') return Array.isArray(value) ? rule.run(value) : rule.exclusive ? value : undefined;
  // A computed field is put in afterwards, at the end.
  return undefined;
}

const hasComputed = (node: Branch): boolean =>
  node.rule?.kind === 'compute' || [...node.children.values()].some(hasComputed);

/** Puts computed fields in, making documents on the way and going through arrays. */
function compute(node: Branch, target: Value | Missing, scope: ReturnType<typeof scopeOf>): Value | Missing {
  if (Array.isArray(target)) return target.map((element) => compute(node, element, scope)!);
  const result = target instanceof Doc ? target.clone() : new Doc();
  for (const [name, child] of node.children) {
    if (!hasComputed(child)) continue;
    const value = child.rule?.kind === 'compute' ? child.rule.run(scope) : compute(child, result.get(name), scope);
    if (value === undefined) result.delete(name);
    else result.set(name, value);
  }
  return result;
}

export type Projection = (document: Doc) => Doc;

export function compileProjection(spec: Doc, options: ProjectionOptions = {}): Projection {
  if (spec.size === 0) return (document) => document;
  const parsed = new Parsed(options);
  for (const [path, value] of spec) parsed.add(path, value);
  parsed.checkArrays();
  const { root, inclusive } = parsed;
  if (inclusive && !root.children.has('_id')) put(root, ['_id'], { kind: 'keep' });
  const computed = hasComputed(root);
  return (document) => {
    // A document stays a document.
    const shaped = shape(root, document, inclusive) as Doc;
    return computed ? (compute(root, shaped, scopeOf(document, options.now)) as Doc) : shaped;
  };
}

/** `$addFields`: everything stays, the named fields are computed; numbers and flags are values here. */
export function compileAddFields(spec: Doc, now?: BsonDate): Projection {
  const root = branch();
  const add = (path: string, value: Value): void => {
    const parts = checkFieldPath(path);
    if (value instanceof Doc && value.size > 0 && !value.firstKey()!.startsWith('$'))
      for (const [name, inner] of value) add(`${path}.${name}`, inner);
    else put(root, parts, { kind: 'compute', run: compileIn(value) });
  };
  for (const [path, value] of spec) add(path, value);
  return (document) => compute(root, document, scopeOf(document, now)) as Doc;
}
