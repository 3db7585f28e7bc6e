import { asksForJson, table, when } from './output.js';

describe('what a command answers', () => {
  const terminal = (isInteractive: boolean) => ({ isInteractive, result: () => undefined, note: () => undefined });

  it('is JSON for programs and text for people, unless somebody says otherwise', () => {
    expect(asksForJson({}, terminal(true))).toBe(false);
    expect(asksForJson({}, terminal(false))).toBe(true);
    expect(asksForJson({ json: true }, terminal(true))).toBe(true);
    expect(asksForJson({ json: false }, terminal(false))).toBe(false);
  });

  it('is a table whose columns are as wide as they need to be', () => {
    expect(
      table(
        ['ID', 'NAME'],
        [
          ['1', 'a long name'],
          ['22', ''],
        ],
      ),
    ).toBe('ID  NAME\n1   a long name\n22');
  });

  it('plays no tricks on a terminal', () => {
    const sent = table(['NAME'], [['\u001b[2Jgone\u202egnp\r\n']]);
    expect(sent).toBe('NAME\n�[2Jgone�gnp��');
  });

  it('tells a time without fractions, and its absence', () => {
    expect(when(new Date('2026-01-31T10:00:00.123Z'))).toBe('2026-01-31T10:00:00Z');
    expect(when(undefined)).toBe('-');
  });
});
