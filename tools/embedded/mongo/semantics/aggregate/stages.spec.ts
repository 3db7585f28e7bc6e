import { MongoError, NotImplementedError } from '../errors.ts';
import { find } from '../find.ts';
import { Doc, Int32, Regex, type Value } from '../value.ts';
import { compilePipeline } from './compile.ts';

const one = new Int32(1);
const two = new Int32(2);
const run = (documents: Doc[], ...stages: Doc[]): Doc[] => compilePipeline(stages)(documents);
const unwind = (spec: Value): Doc => Doc.of({ $unwind: spec });

const codeOf = (stage: Doc): number | undefined => {
  try {
    compilePipeline([stage], { foreign: () => [] });
    return undefined;
  } catch (error) {
    return (error as MongoError).code;
  }
};

describe('$unwind', () => {
  it('reaches an array inside a document and keeps the fields beside it', () => {
    const nested = Doc.of({ _id: one, o: Doc.of({ a: [one, two], b: 'kept' }) });
    expect(run([nested], unwind('$o.a'))).toEqual([
      Doc.of({ _id: one, o: Doc.of({ a: one, b: 'kept' }) }),
      Doc.of({ _id: one, o: Doc.of({ a: two, b: 'kept' }) }),
    ]);
  });

  it('drops documents without elements unless they are to be preserved', () => {
    const documents = [Doc.of({ a: [] }), Doc.of({ a: null }), Doc.of({ b: one })];
    expect(run(documents, unwind('$a'))).toEqual([]);
    const spec = Doc.of({ path: '$a', preserveNullAndEmptyArrays: true, includeArrayIndex: 'o.i' });
    const index = Doc.of({ i: null });
    expect(run(documents, unwind(spec))).toEqual([
      Doc.of({ o: index }),
      Doc.of({ a: null, o: index }),
      Doc.of({ b: one, o: index }),
    ]);
  });

  it.each<[string, Value, number]>([
    ['a number as its specification', one, 15981],
    ['no path', new Doc(), 28812],
    ['a path that is no string', Doc.of({ path: one }), 28808],
    ['an index name with a dollar', Doc.of({ path: '$a', includeArrayIndex: '$i' }), 28822],
    ['an empty index name', Doc.of({ path: '$a', includeArrayIndex: '' }), 28810],
    ['a preserve option that is no boolean', Doc.of({ path: '$a', preserveNullAndEmptyArrays: one }), 28809],
  ])('refuses %s', (_name, spec, code) => expect(codeOf(unwind(spec))).toBe(code));
});

describe('$lookup', () => {
  const names = [Doc.of({ _id: 'x' }), Doc.of({ _id: new Regex('x', '') }), Doc.of({ _id: null })];
  const joined = (local: Doc): Value | undefined => {
    const spec = Doc.of({ from: 'names', localField: 'k', foreignField: '_id', as: 'o.found' });
    const foreign = (name: string, filter: Doc): Doc[] => (name === 'names' ? find(names, { filter }) : []);
    const [result] = compilePipeline([Doc.of({ $lookup: spec })], { foreign })([local]);
    return (result!.get('o') as Doc).get('found');
  };

  it('joins every element of an array and takes a regular expression for a value', () => {
    expect(joined(Doc.of({ k: ['x', null] }))).toEqual([names[0], names[2]]);
    expect(joined(Doc.of({ k: [new Regex('x', ''), 'y'] }))).toEqual([names[1]]);
  });

  it('takes a missing field for null', () => expect(joined(new Doc())).toEqual([names[2]]));

  it.each<[string, Doc, number]>([
    ['an option it does not know', Doc.of({ from: 'a', nope: 'b' }), 9],
    ['a missing target', Doc.of({ from: 'a', localField: 'b', foreignField: 'c' }), 9],
    ['half of the fields', Doc.of({ from: 'a', localField: 'b', as: 'c' }), 4572],
    ['a pipeline, which is not built', Doc.of({ from: 'a', pipeline: [], as: 'c' }), 238],
  ])('refuses %s', (_name, spec, code) => expect(codeOf(Doc.of({ $lookup: spec }))).toBe(code));

  it('is refused where there are no other collections', () => {
    const spec = Doc.of({ from: 'a', localField: 'b', foreignField: 'c', as: 'd' });
    expect(() => compilePipeline([Doc.of({ $lookup: spec })])).toThrow(NotImplementedError);
  });
});

describe('$facet', () => {
  it('gives every branch the same documents', () => {
    const branches = Doc.of({ count: [Doc.of({ $count: 'n' })], first: [Doc.of({ $limit: one })] });
    expect(run([Doc.of({ _id: one }), Doc.of({ _id: two })], Doc.of({ $facet: branches }))).toEqual([
      Doc.of({ count: [Doc.of({ n: two })], first: [Doc.of({ _id: one })] }),
    ]);
  });

  it.each<[string, Value, number]>([
    ['nothing', new Doc(), 40169],
    ['a branch that is no list', Doc.of({ a: one }), 40170],
    ['a facet inside a facet', Doc.of({ a: [Doc.of({ $facet: Doc.of({ b: [] }) })] }), 40600],
    ['a name with a dot', Doc.of({ 'a.b': [] }), 16410],
  ])('refuses %s', (_name, spec, code) => expect(codeOf(Doc.of({ $facet: spec }))).toBe(code));
});

describe('$replaceWith', () => {
  it('makes a field the document', () =>
    expect(run([Doc.of({ a: Doc.of({ b: one }) })], Doc.of({ $replaceWith: '$a' }))).toEqual([Doc.of({ b: one })]));
});
