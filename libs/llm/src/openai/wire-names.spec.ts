import fc from 'fast-check';
import { WireNames } from './wire-names.js';

const namesOf = (...ids: string[]): WireNames =>
  new WireNames({ model: 'm', messages: [], tools: ids.map((id) => ({ id, description: '', parameters: {} })) });

describe('the names that a provider is given', () => {
  it('are legal, differ, and lead back to the tool', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1, maxLength: 90 }), { maxLength: 20 }), (ids) => {
        const names = namesOf(...ids);
        const wire = ids.map((id) => names.of(id));
        expect(new Set(wire).size).toBe(ids.length);
        for (const [at, name] of wire.entries()) {
          expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
          expect(names.idOf(name)).toBe(ids[at]);
        }
      }),
    );
  });

  it('keep two tools apart that would have one name', () => {
    const names = namesOf('a.b', 'a__b');
    expect([names.of('a.b'), names.of('a__b')]).toEqual(['a__b', 'a__b-2']);
  });

  it('know the tools of earlier calls, though nobody offers them any more', () => {
    const calls = [{ id: 'c', tool: 'old.tool', args: '{}' }];
    const names = new WireNames({ model: 'm', messages: [{ role: 'assistant', text: '', calls }], tools: [] });
    expect(names.idOf('old__tool')).toBe('old.tool');
  });

  it('leave a name that nobody gave out as it is', () => {
    expect(namesOf('time.now').idOf('time__n0w')).toBe('time__n0w');
  });
});
