import { MongoError } from '../errors.ts';
import { Doc, Regex, type Value } from '../value.ts';

type Equalities = Map<string, Value>;

const isOperators = (value: Value): value is Doc => value instanceof Doc && value.firstKey()?.startsWith('$') === true;

function add(found: Equalities, path: string, value: Value): void {
  for (const known of found.keys())
    if (known === path || known.startsWith(`${path}.`) || path.startsWith(`${known}.`))
      throw new MongoError(54, `cannot infer query fields to set, path '${path}' is matched twice`);
  found.set(path, value);
}

function fromOperators(path: string, operators: Doc, found: Equalities): void {
  for (const [operator, operand] of operators) {
    if (operator === '$eq') add(found, path, operand);
    // A list of one is an equality.
    const single = (operator === '$in' || operator === '$all') && Array.isArray(operand) && operand.length === 1;
    if (single && !(operand[0] instanceof Regex) && !isOperators(operand[0]!)) add(found, path, operand[0]!);
  }
}

function collect(query: Doc, found: Equalities, wanted: (path: string) => boolean = () => true): void {
  for (const [name, operand] of query) {
    const branches =
      (name === '$and' || (name === '$or' && (operand as Value[]).length === 1)) && Array.isArray(operand);
    if (branches) for (const branch of operand) if (branch instanceof Doc) collect(branch, found, wanted);
    if (name.startsWith('$') || !wanted(name)) continue;
    if (isOperators(operand)) fromOperators(name, operand, found);
    else if (!(operand instanceof Regex)) add(found, name, operand);
  }
}

function put(document: Doc, path: readonly string[], value: Value): void {
  const [part = '', ...rest] = path;
  if (rest.length === 0) {
    document.set(part, value);
    return;
  }
  const inner = document.get(part);
  const child = inner instanceof Doc ? inner : new Doc();
  document.set(part, child);
  put(child, rest, value);
}

/** The document an upsert starts from: what the query says by equality, `_id` first. A replacement takes only `_id`. */
export function documentOfQuery(query: Doc, onlyId = false): Doc {
  const found: Equalities = new Map();
  if (onlyId) collect(query, found, (path) => path === '_id');
  else collect(query, found);
  const document = new Doc();
  const id = found.get('_id');
  if (id !== undefined) document.set('_id', id);
  if (onlyId) return document;
  for (const [path, value] of found) if (path !== '_id') put(document, path.split('.'), value);
  return document;
}
