import { hashKey } from '../compare.ts';
import { MongoError, NotImplementedError } from '../errors.ts';
import { compileExpression } from '../expression/compile.ts';
import { scopeOf, type Evaluate } from '../expression/scope.ts';
import { BsonDate, Doc, type Value } from '../value.ts';
import { ACCUMULATORS, UNSUPPORTED_ACCUMULATORS, type Accumulator } from './accumulators.ts';

interface Field {
  readonly name: string;
  readonly make: () => Accumulator;
  readonly run: Evaluate;
}

function compileField(name: string, spec: Value): Field {
  if (!(spec instanceof Doc)) throw new MongoError(40234, `The field '${name}' must be an accumulator object`);
  if (name.includes('.')) throw new MongoError(40235, `The field name '${name}' cannot contain '.'`);
  if (spec.size !== 1) throw new MongoError(40238, `The field '${name}' must specify one accumulator`);
  const operator = spec.firstKey()!;
  if (UNSUPPORTED_ACCUMULATORS.has(operator)) throw new NotImplementedError(operator, 'as an accumulator');
  const make = Object.hasOwn(ACCUMULATORS, operator) ? ACCUMULATORS[operator] : undefined;
  if (!make) throw new MongoError(15952, `unknown group operator '${operator}'`);
  return { name, make, run: compileExpression(spec.get(operator)!) };
}

/** One document per distinct `_id`, in the order the groups first appear. */
export function compileGroup(spec: Value, now: BsonDate | undefined): (documents: Doc[]) => Doc[] {
  if (!(spec instanceof Doc)) throw new MongoError(15947, "a group's fields must be specified in an object");
  const fields = [...spec].filter(([name]) => name !== '_id').map(([name, value]) => compileField(name, value));
  const id = spec.get('_id');
  if (id === undefined) throw new MongoError(15955, 'a group specification must include an _id');
  const key = compileExpression(id);
  return (documents) => {
    const groups = new Map<string, { id: Value; accumulators: Accumulator[] }>();
    for (const document of documents) {
      const scope = scopeOf(document, now);
      const value = key(scope) ?? null;
      const hash = hashKey(value);
      const group = groups.get(hash) ?? { id: value, accumulators: fields.map(({ make }) => make()) };
      groups.set(hash, group);
      fields.forEach(({ run }, i) => group.accumulators[i]!.add(run(scope)));
    }
    return [...groups.values()].map(
      ({ id, accumulators }) =>
        new Doc([['_id', id], ...fields.map(({ name }, i) => [name, accumulators[i]!.result()] as const)]),
    );
  };
}
