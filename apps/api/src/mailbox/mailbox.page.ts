import type { MailboxMailResponse } from './mailbox.response.js';

const MARKUP: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escape = (text: string): string => text.replace(/[&<>"']/g, (mark) => MARKUP[mark] ?? '');

/** Newest first. It shows what is stored and refreshes when it is loaded again: no script. */
export function mailboxPage(mails: readonly MailboxMailResponse[]): string {
  const list = mails.length === 0 ? '<p class="none">No mail yet.</p>' : mails.map(article).join('\n');
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Mailbox · FlowMate</title>
    <link rel="stylesheet" href="/dev/mailbox/style.css">
  </head>
  <body>
    <main>
      <header>
        <h1>Mailbox</h1>
        <p>All mails of this instance, newest first. In development only. <a href="/dev/mailbox">Look again</a></p>
      </header>
${list}
    </main>
  </body>
</html>
`;
}

function article({ subject, to, createdAt, status, text, link }: MailboxMailResponse): string {
  const time = `<time datetime="${escape(createdAt)}">${escape(createdAt.replace('T', ' ').slice(0, 19))} UTC</time>`;
  const open = link === null ? '' : `<p><a class="open" href="${escape(link)}" rel="noopener">Open the link</a></p>`;
  return `<article>
  <h2>${escape(subject)}</h2>
  <p class="facts">To <strong>${escape(to)}</strong> · ${time} · <span class="status ${escape(status)}">${escape(status)}</span></p>
  ${open}
  <pre>${escape(text)}</pre>
</article>`;
}

export const MAILBOX_CSS = `:root {
  color-scheme: light dark;
  --ground: #f3f5f8;
  --card: #ffffff;
  --ink: #172033;
  --soft: #55607a;
  --accent: #1f5fd6;
  --on-accent: #ffffff;
}
@media (prefers-color-scheme: dark) {
  :root { --ground: #10141c; --card: #1a202c; --ink: #eef1f7; --soft: #a7b1c5; --accent: #8ab4ff; --on-accent: #0b1730; }
}
*, *::before, *::after { box-sizing: border-box; }
body {
  margin: 0;
  padding: 1.5rem 1rem;
  background: var(--ground);
  color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
main { max-width: 46rem; margin: 0 auto; }
h1 { margin: 0; font-size: 1.5rem; }
h2 { margin: 0 0 .25rem; font-size: 1.1rem; }
header p, .facts, .none { color: var(--soft); }
.facts { margin: 0 0 .75rem; font-size: .9rem; overflow-wrap: anywhere; }
article { margin: 1rem 0; padding: 1.25rem; background: var(--card); border-radius: .75rem; box-shadow: 0 1px 3px rgb(0 0 0 / 12%); }
pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; font: .85rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
a { color: var(--accent); }
a:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.open { display: inline-block; padding: .5rem 1rem; border-radius: .5rem; background: var(--accent); color: var(--on-accent); text-decoration: none; font-weight: 600; }
.status { padding: .05rem .5rem; border: 1px solid currentColor; border-radius: 1rem; font-size: .8rem; }
`;
