import { Doc, Regex, type Value } from '../value.ts';

interface Limit {
  readonly value: Value;
  readonly inclusive: boolean;
}

/**
 * What every match has at a path. `values`: one of these (null also means missing). `lower`/`upper`: within, in the
 * order of values and of the operand's type. With arrays each limit may be met by a different element, so a
 * multikey index may use only one of `lower` and `upper`.
 */
export interface Bound {
  values?: readonly Value[];
  lower?: Limit;
  upper?: Limit;
}

const isOperators = (value: Value): value is Doc => value instanceof Doc && value.firstKey()?.startsWith('$') === true;

function narrow(bound: Bound, operator: string, operand: Value): void {
  if (operand instanceof Regex) return;
  if (operator === '$eq') bound.values = [operand];
  else if (operator === '$in' && Array.isArray(operand)) {
    if (!bound.values && !operand.some((value) => value instanceof Regex)) bound.values = operand;
  } else if (operator === '$gt' || operator === '$gte')
    bound.lower ??= { value: operand, inclusive: operator === '$gte' };
  else if (operator === '$lt' || operator === '$lte')
    bound.upper ??= { value: operand, inclusive: operator === '$lte' };
}

/** `$all` and `$elemMatch` ask for an element, which an index keeps as a key of its own. */
function element(bound: Bound, operator: string, operand: Value): void {
  if (operator === '$all' && Array.isArray(operand)) {
    const [first] = operand;
    if (first !== undefined && !(first instanceof Regex) && !isOperators(first)) bound.values ??= [first];
  } else if (operator === '$elemMatch' && isOperators(operand)) {
    for (const [inner, value] of operand) if (!Array.isArray(value)) narrow(bound, inner, value);
  } else narrow(bound, operator, operand);
}

function collect(filter: Doc, found: Map<string, Bound>): void {
  for (const [name, operand] of filter) {
    if (name === '$and' && Array.isArray(operand)) {
      for (const branch of operand) if (branch instanceof Doc) collect(branch, found);
    }
    if (name.startsWith('$')) continue;
    const bound = found.get(name) ?? {};
    if (!isOperators(operand)) narrow(bound, '$eq', operand);
    else for (const [operator, value] of operand) element(bound, operator, value);
    if (Object.keys(bound).length > 0) found.set(name, bound);
  }
}

/** Only equalities and ranges that every match must satisfy: the top level and its `$and`s. */
export function boundsOf(filter: Doc): Map<string, Bound> {
  const found = new Map<string, Bound>();
  collect(filter, found);
  return found;
}
