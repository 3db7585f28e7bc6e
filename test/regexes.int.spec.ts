import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkSync } from 'recheck';
import ts from 'typescript';

const ROOT = join(import.meta.dirname, '..');

interface Found {
  readonly where: string;
  readonly source: string;
  readonly flags: string;
}

function regexesIn(file: string): Found[] {
  const tree = ts.createSourceFile(file, readFileSync(join(ROOT, file), 'utf8'), ts.ScriptTarget.Latest, true);
  const found: Found[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/');
      const { line } = tree.getLineAndCharacterOfPosition(node.getStart());
      found.push({ where: `${file}:${line + 1}`, source: node.text.slice(1, end), flags: node.text.slice(end + 1) });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

describe('regular expressions of the product (case Z20)', () => {
  const files = globSync('{apps,libs}/*/src/**/*.ts', { cwd: ROOT }).filter(
    (file) => !file.endsWith('.spec.ts') && !file.includes('/generated/'),
  );
  const regexes = files.flatMap(regexesIn);

  it('are found at all', () => {
    expect(regexes.length).toBeGreaterThan(10);
  });

  it('are never exponential or polynomial in hostile text', () => {
    const vulnerable = regexes.filter(
      ({ source, flags }) => checkSync(source, flags, { timeout: 5_000 }).status === 'vulnerable',
    );
    expect(vulnerable.map(({ where, source }) => `${where} /${source}/`)).toEqual([]);
  });

  it('are really judged: a bad one is caught', () => {
    expect(checkSync('^(a+)+$', '').status).toBe('vulnerable');
  });

  it('are literals: none is built from data', () => {
    const built = files.filter((file) => /new RegExp\(|[^.\w]RegExp\(/.test(readFileSync(join(ROOT, file), 'utf8')));
    expect(built).toEqual([]);
  });
});
