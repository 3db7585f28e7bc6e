import { MAIL_KINDS, writeMail } from './all-templates.js';
import type { MailData, MailKind } from '../mail.js';

const EVIL = `<img src=x onerror=alert(1)>"'&\r\nBcc: evil@example.com\u202e\u2028`;

const SAMPLES: { readonly [Kind in MailKind]: MailData[Kind] } = {
  'sign-in': { url: 'https://app.example.com/sign-in#token=abc&to=%2Fa', minutes: 10 },
  invite: { workspace: EVIL, inviter: EVIL, role: EVIL, url: 'https://app.example.com/sign-in#to=%2F', days: 7 },
  'security-notice': { event: 'refresh_reused', at: '2026-01-31T10:00:00.123Z', address: EVIL, device: EVIL },
  // Its lines are paragraphs of a body, where a word and a colon mean nothing.
  notice: { subject: EVIL, text: EVIL.replace('\r\n', ' ') },
  'account-deletion': { until: EVIL, url: 'https://app.example.com/sign-in' },
};

describe.each(MAIL_KINDS)('the mail %s', (kind) => {
  const { subject, text, html } = writeMail(kind, SAMPLES[kind] as never);

  it('has one line for a subject', () => expect(subject).toMatch(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{5,}$/u));

  it('says the same in both parts, as text', () => {
    expect(html).not.toMatch(/<(img|script|style|link|iframe|form)\b/i);
    expect(text).not.toContain('<p');
    expect(html).toContain('</html>');
    expect(text.split('\n--\n')).toHaveLength(2);
  });

  it('lets no value begin a line of its own', () => expect(text).not.toMatch(/^\s*Bcc:/m));

  it('loads nothing and links to us only', () => {
    const links = [...html.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, url = '']) => url);
    expect(links.filter((url) => !url.startsWith('https://app.example.com/'))).toEqual([]);
  });
});

describe('what people wrote', () => {
  it.each(['see https://evil.example/a', 'www.evil.example', 'mail a@evil.example'])('is no link: %s', (evil) => {
    const notice = { ...SAMPLES['security-notice'], address: '192.0.2.1', device: evil };
    const invite = { ...SAMPLES.invite, workspace: evil, inviter: 'Ada', role: 'analyst' };
    const said = writeMail('notice', { subject: evil, text: `One\n${evil}` });
    for (const mail of [writeMail('invite', invite), writeMail('security-notice', notice), said])
      for (const part of [mail.subject, mail.text, mail.html]) {
        expect(part).not.toMatch(/https?:\/\/(?!app\.example\.com)|evil\.example|\w@\w|www\.evil/);
      }
    expect(writeMail('invite', { ...invite, workspace: 'Sales v1.2 (R&D)' }).subject).toContain('Sales v1.2 (R&D)');
  });

  it('is escaped in HTML and stands as it is in text', () => {
    const { html, text } = writeMail('invite', { ...SAMPLES.invite, workspace: `<b>"A" & 'B'</b>` });
    expect(html).toContain('&lt;b&gt;&quot;A&quot; &amp; &#39;B&#39;&lt;/b&gt;');
    expect(text).toContain(`<b>"A" & 'B'</b>`);
  });

  it('leads nowhere but to the web', () => {
    expect(() => writeMail('sign-in', { url: 'javascript:alert(1)', minutes: 10 })).toThrow('leads to the web');
  });
});

describe('the link of a sign-in', () => {
  it('is whole in both parts, and leaves the token in the fragment', () => {
    const { url } = SAMPLES['sign-in'];
    const { text, html } = writeMail('sign-in', SAMPLES['sign-in']);
    expect(text).toContain(`\n${url}\n`);
    expect(html).toContain(`href="${url.replace('&', '&amp;')}"`);
  });
});

describe('what an agent says', () => {
  it('keeps its paragraphs, and says that an agent said it', () => {
    const { subject, text, html } = writeMail('notice', { subject: 'Weekly', text: 'One.\n\n  \r\nTwo.\n' });
    expect(subject).toBe('Weekly');
    expect(text).toMatch(/^Weekly\n\nOne\.\n\nTwo\.\n\n--\nAn agent of a workspace/);
    expect(html.match(/<p /g)).toHaveLength(3);
  });
});

describe('a notice', () => {
  it('says what, when and from where', () => {
    const data = { event: 'sessions_ended', at: '2026-01-31T10:00:00.123Z', address: '203.0.113.7' } as const;
    const { subject, text } = writeMail('security-notice', data);
    expect(subject).toBe('FlowMate security: you were signed out everywhere');
    expect(text).toContain('When: 2026-01-31 10:00:00 UTC. From: 203.0.113.7.');
  });
});
