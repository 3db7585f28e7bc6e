import { compare } from '../compare.ts';
import { badValue, typeMismatch } from '../errors.ts';
import { addNumbers, fitsInt64, isNumeric, multiplyNumbers, type Numeric } from '../number.ts';
import { Doc, Int32, Timestamp, typeName, type Value } from '../value.ts';
import { KEEP, REMOVE, type Operation, type Outcome, type UpdateContext } from './operations.ts';

export const setTo = (value: Value): Operation => ({ creates: true, apply: () => value });

export const setOnInsert = (value: Value): Operation => ({
  creates: true,
  apply: (_old, context) => (context.inserting ? value : KEEP),
});

export const unset: Operation = { creates: false, lenient: true, apply: () => REMOVE };

type Arithmetic = (left: Numeric, right: Numeric) => Numeric | undefined;

function arithmetic(name: '$inc' | '$mul', operand: Value, combine: Arithmetic): Operation {
  if (!isNumeric(operand))
    throw typeMismatch(`Cannot ${name === '$inc' ? 'increment' : 'multiply'} with non-numeric argument`);
  return {
    creates: true,
    apply: (old, _context, path) => {
      if (old === undefined) return name === '$inc' ? operand : combine(operand, new Int32(0))!;
      if (!isNumeric(old)) throw typeMismatch(`Cannot apply ${name} to a value of non-numeric type at '${path}'`);
      const result = combine(old, operand);
      if (result === undefined) throw badValue(`Failed to apply ${name} operations to the current value at '${path}'`);
      return result;
    },
  };
}

export const increment = (operand: Value): Operation => arithmetic('$inc', operand, addNumbers);
export const multiply = (operand: Value): Operation => arithmetic('$mul', operand, multiplyNumbers);

export const minimum = (operand: Value): Operation => ({
  creates: true,
  apply: (old) => (old === undefined || compare(operand, old) < 0 ? operand : KEEP),
});
export const maximum = (operand: Value): Operation => ({
  creates: true,
  apply: (old) => (old === undefined || compare(operand, old) > 0 ? operand : KEEP),
});

const clock = (kind: 'date' | 'timestamp'): Operation => ({
  creates: true,
  apply: (_old, { now }: UpdateContext): Outcome => (kind === 'date' ? now : new Timestamp(Number(now.ms / 1000n), 1)),
});

export function currentDate(operand: Value): Operation {
  if (typeof operand === 'boolean') return clock('date');
  const type = operand instanceof Doc ? operand.get('$type') : undefined;
  if (!(operand instanceof Doc) || (type !== 'date' && type !== 'timestamp') || operand.size !== 1)
    throw badValue(`${typeName(operand)} is not valid type for $currentDate`);
  return clock(type);
}

const BITWISE: Record<string, (left: bigint, right: bigint) => bigint> = {
  and: (left, right) => left & right,
  or: (left, right) => left | right,
  xor: (left, right) => left ^ right,
};

const isWhole = (value: Value | undefined): value is Int32 | bigint =>
  value instanceof Int32 || typeof value === 'bigint';
const whole = (value: Int32 | bigint): bigint => (typeof value === 'bigint' ? value : BigInt(value.value));

export function bitwise(operand: Value): Operation {
  if (!(operand instanceof Doc) || operand.size === 0)
    throw badValue(`The $bit modifier is not compatible with a ${typeName(operand)}`);
  const steps = [...operand].map(([name, value]) => {
    if (!Object.hasOwn(BITWISE, name))
      throw badValue(`The $bit modifier only supports 'and', 'or', and 'xor', not '${name}'`);
    if (!isWhole(value)) throw badValue(`The $bit modifier field must be an Integer(32/64 bit)`);
    return { run: BITWISE[name]!, value };
  });
  return {
    creates: true,
    apply: (old, _context, path) => {
      const start = old === undefined ? new Int32(0) : old;
      if (!isWhole(start)) throw badValue(`Cannot apply $bit to a value of non-integral type at '${path}'`);
      return steps.reduce<Int32 | bigint>((value, step) => {
        const result = step.run(whole(value), whole(step.value));
        const narrow = value instanceof Int32 && step.value instanceof Int32;
        return narrow || !fitsInt64(result) ? new Int32(Number(BigInt.asIntN(32, result))) : result;
      }, start);
    },
  };
}
