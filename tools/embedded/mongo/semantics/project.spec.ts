import { decode } from './bson/decode.ts';
import { encode } from './bson/encode.ts';
import { compileProjection } from './project.ts';
import { Doc, Int32, type Value } from './value.ts';

const stored = (): Doc => decode(encode(Doc.of({ _id: 'a', journal: [Doc.of({ n: new Int32(1) })], tags: ['x'] })));
const project = (spec: Record<string, Value>, document: Doc): Doc =>
  compileProjection(Doc.of(spec), { find: true })(document);
const [LEFT_OUT, KEPT] = [new Int32(0), new Int32(1)];

describe('a projection', () => {
  it('looks into no array that it leaves out or keeps as a whole', () => {
    const without = stored();
    const shown = project({ journal: LEFT_OUT }, without);
    expect([...shown.keys()]).toEqual(['_id', 'tags']);
    expect(without.unread('journal')).toBeDefined();
    expect(shown.unread('tags')).toBeDefined();

    const only = stored();
    expect(project({ tags: KEPT }, only).unread('tags')).toBeDefined();
    expect(only.unread('journal')).toBeDefined();
  });

  it('gives the bytes that it gives when somebody had looked before', () => {
    const read = stored();
    read.get('journal');
    read.get('tags');
    const specs = [
      ['journal', LEFT_OUT] as const,
      ['tags', KEPT] as const,
      ['journal.n', LEFT_OUT] as const,
      ['journal.n', KEPT] as const,
    ];
    for (const [path, wish] of specs) {
      const spec = { [path]: wish };
      expect(encode(project(spec, stored()))).toEqual(encode(project(spec, read)));
    }
  });
});
