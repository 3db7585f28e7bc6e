import { compare, compileFilter, Doc, MAX_KEY, MIN_KEY, type Bound, type Value } from '../semantics/index.ts';
import { boundsOf } from '../semantics/match/bounds.ts';
import { truthy } from '../semantics/match/tests.ts';
import { isNaNValue } from '../semantics/number.ts';
import { typeRank } from '../semantics/value.ts';

/** A single, ordinary value: one that, found anywhere on a path, meets conditions the same way alone. */
const plain = (value: Value): boolean => value !== null && !Array.isArray(value);

/** Values that compare unlike the others of their kind. */
const extreme = (value: Value): boolean =>
  value === MIN_KEY || value === MAX_KEY || Array.isArray(value) || isNaNValue(value);

function at(path: string, value: Value): Doc {
  return path.split('.').reduceRight<Value>((inner, part) => new Doc([[part, inner]]), value) as Doc; // a path has parts
}

type Side = 'lower' | 'upper';

/** Whether everything within the filter's limit is within the wanted one. */
function within(bound: Bound, side: Side, operand: Value, inclusive: boolean): boolean {
  const limit = bound[side];
  if (!limit || extreme(limit.value) || extreme(operand) || typeRank(limit.value) !== typeRank(operand)) return false;
  const order = compare(limit.value, operand) * (side === 'lower' ? 1 : -1);
  return order > 0 || (order === 0 && (inclusive || !limit.inclusive));
}

const exists = ({ values, lower, upper }: Bound): boolean =>
  values ? values.every(plain) : [lower, upper].some((limit) => limit && limit.value !== null && !extreme(limit.value));

function operatorHolds(path: string, operator: string, operand: Value, bound: Bound): boolean {
  if (bound.values && bound.values.length > 0 && bound.values.every(plain)) {
    const { matches } = compileFilter(new Doc([[path, new Doc([[operator, operand]])]]));
    if (bound.values.every((value) => matches(at(path, value)))) return true;
  }
  if (operator === '$exists') return truthy(operand) && exists(bound);
  if (operator === '$gt' || operator === '$gte') return within(bound, 'lower', operand, operator === '$gte');
  if (operator === '$lt' || operator === '$lte') return within(bound, 'upper', operand, operator === '$lte');
  return false;
}

/** Whether every document that matches `filter` matches the partial index's `expression`; "no" when in doubt. */
export function implies(filter: Doc, expression: Doc): boolean {
  const limits = boundsOf(filter);
  const holds = (condition: Doc): boolean =>
    [...condition].every(([name, operand]) => {
      if (name === '$and') return Array.isArray(operand) && operand.every((one) => one instanceof Doc && holds(one));
      if (name.startsWith('$')) return false;
      const bound = limits.get(name);
      if (!bound) return false;
      if (operand instanceof Doc && operand.firstKey()?.startsWith('$') === true)
        return [...operand].every(([operator, value]) => operatorHolds(name, operator, value, bound));
      return operatorHolds(name, '$eq', operand, bound);
    });
  return holds(expression);
}
