import { Secret } from '@flowmate/config';
import { eventually } from '@flowmate/testing';
import { SmtpServer, type Answers } from '../../test/smtp-server.js';
import type { OutgoingMail } from '../mail.js';
import { SmtpMailer } from './smtp.mailer.js';

const MAIL: OutgoingMail = {
  id: '0123456789abcdef01234567',
  to: 'ada@example.com',
  subject: 'Sign in',
  text: 'text part',
  html: '<p>html part</p>',
};

describe('mail by SMTP', () => {
  let server: SmtpServer;
  let port: number;
  beforeEach(async () => {
    server = new SmtpServer();
    port = await server.listen();
  });
  afterEach(() => server.close());

  const mailer = (more: { url?: string; requiresTls?: boolean; totalMs?: number } = {}): SmtpMailer =>
    new SmtpMailer({
      url: new Secret(more.url ?? `smtp://us%40er:p%2Fass@127.0.0.1:${port}`),
      from: 'FlowMate <mail@flowmate.example>',
      requiresTls: more.requiresTls ?? true,
      ...(more.totalMs !== undefined && { totalMs: more.totalMs }),
    });

  it('is taken, in both parts, with an id that the next try has too', async () => {
    const first = await mailer().send(MAIL);
    const second = await mailer().send(MAIL);
    expect(first).toEqual({ messageId: '<0123456789abcdef01234567@flowmate.example>' });
    expect(second).toEqual(first);
    const [received] = server.received;
    expect(received).toMatchObject({ from: 'mail@flowmate.example', to: ['ada@example.com'] });
    for (const part of [
      'From: FlowMate <mail@flowmate.example>',
      'To: ada@example.com',
      'Subject: Sign in',
      'Message-ID: <0123456789abcdef01234567@flowmate.example>',
      'Auto-Submitted: auto-generated',
      'text part',
      '<p>html part</p>',
    ])
      expect(received!.data).toContain(part);
  });

  it('goes to one receiver, whatever the address holds', async () => {
    await mailer().send({ ...MAIL, to: "o'hara+a=b@example.com" });
    expect(server.received[0]!.to).toEqual(["o'hara+a=b@example.com"]);
  });

  it('shows the credentials of the address, decoded', async () => {
    await mailer().send(MAIL);
    const auth = server.lines.find((line) => line.startsWith('AUTH')) ?? '';
    expect(Buffer.from(auth.split(' ')[2] ?? '', 'base64').toString()).toBe('\u0000us@er\u0000p/ass');
  });

  it.each([
    ['refused', { RCPT: '550 no such user' }, true],
    ['refused', { END: '554 spam' }, true],
    ['sender', { MAIL: '553 not your domain' }, false],
    ['login', { AUTH: '535 no' }, false],
    ['busy', { RCPT: '450 later' }, false],
    ['busy', { END: '452 full' }, false],
    // That was about this machine and not about this mail.
    ['busy', { GREETING: '554 no service for you' }, false],
    ['busy', { EHLO: '550 no', HELO: '550 no' }, false],
  ] as ReadonlyArray<[string, Answers, boolean]>)('is told as %s: %j', async (problem, answers, isForGood) => {
    server.answers = answers;
    await expect(mailer().send(MAIL)).rejects.toMatchObject({ problem, isForGood });
  });

  it('does not wait for a server that says nothing', async () => {
    server.answers = { DATA: null };
    await expect(mailer({ totalMs: 200 }).send(MAIL)).rejects.toMatchObject({ problem: 'timeout' });
  });

  it('is let go of when its time is over, so that it does not leave after all', async () => {
    server.answers = { DATA: null };
    await expect(mailer({ totalMs: 200 }).send(MAIL)).rejects.toMatchObject({ problem: 'timeout' });
    await eventually(() => expect(server.connections).toBe(0));
  });

  it('is not begun for a caller who has gone', async () => {
    await expect(mailer().send(MAIL, AbortSignal.abort())).rejects.toMatchObject({ problem: 'interrupted' });
    expect(server.lines).toEqual([]);
  });

  it('can be asked for without sending anything', async () => {
    await mailer().check();
    expect(server.lines.map((line) => line.split(' ')[0])).toEqual(expect.arrayContaining(['EHLO', 'AUTH']));
    expect(server.lines.join()).not.toContain('MAIL');
    server.answers = { AUTH: '535 no' };
    await expect(mailer().check()).rejects.toMatchObject({ problem: 'login' });
    await expect(mailer({ url: 'smtp://127.0.0.1:1' }).check()).rejects.toMatchObject({ problem: 'unreachable' });
  });

  it('keeps nobody waiting who only asks whether somebody is there', async () => {
    server.answers = { GREETING: null };
    await expect(mailer({ totalMs: 200 }).check()).rejects.toMatchObject({ problem: 'timeout' });
    await eventually(() => expect(server.connections).toBe(0));
  });

  it('is given up with its caller', async () => {
    server.answers = { GREETING: null };
    const caller = new AbortController();
    const sent = mailer().send(MAIL, caller.signal);
    caller.abort();
    await expect(sent).rejects.toMatchObject({ problem: 'interrupted' });
  });

  it('finds nobody', async () => {
    await expect(mailer({ url: 'smtp://127.0.0.1:1' }).send(MAIL)).rejects.toMatchObject({ problem: 'unreachable' });
  });

  it('says nothing in clear to another machine', async () => {
    // The same server by an address that is not this machine's as far as anybody can see.
    const url = `smtp://user:canary@0.0.0.0:${port}`;
    server.answers = { STARTTLS: '502 no' };
    await expect(mailer({ url }).send(MAIL)).rejects.toMatchObject({ problem: 'unreachable' });
    expect(server.lines).toContain('STARTTLS');
    expect(server.lines.join()).not.toMatch(/AUTH|MAIL/);
    // Where nobody asks for TLS, the same server takes it.
    server.answers = {};
    expect(await mailer({ url, requiresTls: false }).send(MAIL)).toHaveProperty('messageId');
  });

  it('holds nothing of what the server said in its errors', async () => {
    server.answers = { RCPT: '550 canary-4711 ada@example.com' };
    const error: unknown = await mailer()
      .send(MAIL)
      .catch((caught: unknown) => caught);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toMatch(/canary|ada@/);
  });
});
