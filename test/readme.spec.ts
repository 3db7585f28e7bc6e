import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

describe('the README', () => {
  const rows = [...README.matchAll(/^\| `([\w./-]+)` +\| /gm)].map(([, folder = '']) => folder);

  it('names every app and library, and no folder that is not there', () => {
    const inside = (folder: string): string[] => readdirSync(join(ROOT, folder)).map((name) => `${folder}/${name}`);
    expect([...inside('apps'), ...inside('libs')].filter((folder) => !rows.includes(folder))).toEqual([]);
    expect(rows.filter((folder) => !existsSync(join(ROOT, folder)))).toEqual([]);
  });

  it('names every command of the command line', () => {
    const [, line = ''] = /^\| `apps\/cli` +\| (.*)\|$/m.exec(README) ?? [];
    const commands = readdirSync(join(ROOT, 'apps/cli/src/commands')).filter((name) => name.endsWith('.command.ts'));
    const names = commands.map((name) => name.replace('.command.ts', '').replace('users', 'people'));
    expect(names.filter((name) => !line.includes(name))).toEqual([]);
  });

  it('shows every row that npm start prints', () => {
    const banner = readFileSync(join(ROOT, 'tools/launcher/banner.mjs'), 'utf8');
    const labels = [...banner.matchAll(/\['([A-Z][\w ]+)', (?:trial \?\? )?`/g)].map(([, label]) => label);
    expect(labels).toEqual(['API', 'Swagger UI', 'Try', 'Sign in', 'Mailbox', 'Health']);
    for (const label of labels) expect(README).toMatch(new RegExp(`^  ${label} {2,}\\S`, 'm'));
  });
});
