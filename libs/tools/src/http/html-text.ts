/** What a reader does not see. Their ends are looked for by name, because they hold anything. */
const UNSEEN: ReadonlySet<string> = new Set(['script', 'style', 'template', 'noscript', 'svg', 'iframe', 'textarea']);

/** They begin a line of their own. */
const BLOCKS: ReadonlySet<string> = new Set(
  'address article aside blockquote br dd div dl dt figcaption footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table title tr ul'.split(
    ' ',
  ),
);

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/** The last code point there is. */
const MAX_CODE_POINT = 0x10ffff;

function decodeEntity(whole: string, name: string): string {
  if (!name.startsWith('#')) return NAMED[name.toLowerCase()] ?? whole;
  const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  return code > 0 && code <= MAX_CODE_POINT ? String.fromCodePoint(code) : whole;
}

const decodeEntities = (text: string): string => text.replace(/&(#x?[0-9a-f]{1,6}|[a-z]{2,6});/gi, decodeEntity);

/** The place after the end of what begins at `start`, or the end of the text. */
function after(html: string, mark: string, start: number): number {
  const at = html.indexOf(mark, start);
  return at === -1 ? html.length : at + mark.length;
}

/**
 * What a person would read of a page: no tags, no scripts, no comments. One pass, each character looked at a fixed
 * number of times; what it makes is text and is never HTML again, so nothing has to be safe against a browser.
 */
export function htmlText(html: string): string {
  // Names of tags have no case; `toLowerCase` may change the length of other letters, and this does not.
  const lower = html.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const parts: string[] = [];
  let at = 0;
  while (at < html.length) {
    const open = lower.indexOf('<', at);
    if (open === -1) break;
    parts.push(html.slice(at, open));
    if (lower.startsWith('<!--', open)) {
      at = after(lower, '-->', open);
      continue;
    }
    const name = /^<\/?([a-z][a-z0-9]*)/.exec(lower.slice(open, open + 16))?.[1];
    // A lone `<` of a text, or a declaration.
    if (name === undefined && lower[open + 1] !== '!') {
      parts.push('<');
      at = open + 1;
      continue;
    }
    at = after(lower, '>', open);
    if (name !== undefined && UNSEEN.has(name) && lower[open + 1] !== '/')
      at = after(lower, '>', after(lower, `</${name}`, at));
    parts.push(name !== undefined && BLOCKS.has(name) ? '\n' : ' ');
  }
  parts.push(html.slice(at));
  return tidy(decodeEntities(parts.join('')));
}

const tidy = (text: string): string =>
  text
    .split('\n')
    .map((line) =>
      line
        .split(/[ \t\r\f\u00a0]/)
        .filter(Boolean)
        .join(' '),
    )
    .filter(Boolean)
    .join('\n');
