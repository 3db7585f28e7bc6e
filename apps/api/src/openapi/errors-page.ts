import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** `docs/errors.md` holds one table row per code: code, status, meaning and what to do. */
const ROW = /^\| `([a-z_]{1,64})` \| (\d{3}) \| ([^|]{1,500}) \| ([^|]{1,500}) \|$/gm;

function errorsFile(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'docs', 'errors.md')) && folder !== dirname(folder)) folder = dirname(folder);
  return join(folder, 'docs', 'errors.md');
}

const escapeHtml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('`', '');

/** The page that a problem's `type` links to. */
export function errorsPage(): string {
  const rows = [...readFileSync(errorsFile(), 'utf8').matchAll(ROW)].map(([, code = '', ...cells]) => {
    const rest = cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('');
    return `<tr id="${code}"><th scope="row"><code>${code}</code></th>${rest}</tr>`;
  });
  return `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>FlowMate error codes</title></head>
  <body>
    <h1>Error codes</h1>
    <table>
      <thead><tr><th>code</th><th>status</th><th>meaning</th><th>what to do</th></tr></thead>
      <tbody>${rows.join('\n')}</tbody>
    </table>
  </body>
</html>
`;
}
