import type { MailText } from '../mail.js';

/** A mail in words: both of its parts are made from the same ones. Plain text everywhere; nobody writes HTML. */
export interface Letter {
  readonly subject: string;
  readonly heading: string;
  readonly paragraphs: readonly string[];
  readonly action?: { readonly label: string; readonly url: string };
  /** Why somebody gets this, and what to do if it was not them. */
  readonly footer: readonly string[];
}

const MARKUP: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (mark) => MARKUP[mark] ?? '');

/** Line breaks would begin another header or paragraph; other controls and direction marks make text look like what it is not. */
const oneLine = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();

/**
 * What strangers wrote, so that no mail client makes a link of it: a name such as `pay at evil.example` would be one,
 * in a mail that is truly ours.
 */
export const withoutLinks = (text: string): string => text.replace(/(?<=\S)(?:\.(?=\p{L})|:(?=\/)|@)/gu, ' $&');

/** A mail client may make a link of anything; of ours it may make only those that lead to us. */
function safeUrl(url: string): string {
  const { protocol, href } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:') throw new TypeError('A link in a mail leads to the web.');
  return href;
}

/** Mail clients know no style sheets, so each element carries its own. */
const STYLE = {
  body: 'margin:0;padding:24px;background:#f4f5f7;color:#1c2430;font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif',
  card: 'max-width:480px;margin:0 auto;padding:32px;background:#ffffff;border-radius:12px',
  heading: 'margin:0 0 16px;font-size:22px;line-height:1.3',
  paragraph: 'margin:0 0 16px',
  button:
    'display:inline-block;padding:12px 24px;background:#1f5fd6;color:#ffffff;border-radius:8px;text-decoration:none;font-weight:600',
  address: 'margin:0 0 16px;font-size:13px;color:#5a6472;word-break:break-all',
  footer: 'margin:24px 0 0;padding-top:16px;border-top:1px solid #e3e6ea;font-size:13px;color:#5a6472',
} as const;

const element = (name: string, style: keyof typeof STYLE, text: string): string =>
  `<${name} style="${escapeHtml(STYLE[style])}">${escapeHtml(text)}</${name}>`;

export function write(letter: Letter): MailText {
  const subject = oneLine(letter.subject);
  const heading = oneLine(letter.heading);
  const paragraphs = letter.paragraphs.map(oneLine);
  const footer = letter.footer.map(oneLine);
  const action = letter.action && { label: oneLine(letter.action.label), url: safeUrl(letter.action.url) };
  const link = action && [
    `<p style="${STYLE.paragraph}"><a style="${STYLE.button}" href="${escapeHtml(action.url)}">${escapeHtml(action.label)}</a></p>`,
    element('p', 'address', action.url),
  ];
  const html = [
    '<!doctype html>',
    `<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(subject)}</title></head>`,
    `<body style="${escapeHtml(STYLE.body)}"><div style="${STYLE.card}">`,
    element('h1', 'heading', heading),
    ...paragraphs.map((paragraph) => element('p', 'paragraph', paragraph)),
    ...(link ?? []),
    element('p', 'footer', footer.join(' ')),
    '</div></body></html>',
    '',
  ].join('\n');
  const text = [
    heading,
    ...paragraphs,
    ...(action ? [`${action.label}:\n${action.url}`] : []),
    `--\n${footer.join('\n')}`,
  ];
  return { subject, html, text: `${text.join('\n\n')}\n` };
}
