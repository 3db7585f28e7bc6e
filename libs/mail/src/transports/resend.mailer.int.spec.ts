import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Secret } from '@flowmate/config';
import { EgressClient } from '@flowmate/egress';
import type { OutgoingMail } from '../mail.js';
import { ResendMailer } from './resend.mailer.js';

const MAIL: OutgoingMail = {
  id: '0123456789abcdef01234567',
  to: 'ada@example.com',
  subject: 'Sign in',
  text: 'text part',
  html: '<p>html part</p>',
};

interface Asked {
  readonly url: string | undefined;
  readonly method: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

describe('mail by Resend', () => {
  const asked: Asked[] = [];
  let answer: { status: number; body: string } | 'hangs';
  let server: Server;
  let mailer: ResendMailer;

  beforeEach(async () => {
    asked.length = 0;
    answer = { status: 200, body: '{"id":"49a3999c-0ce1-4ea6-ab68-afcd6dc2e794"}' };
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => {
        asked.push({ url: request.url, method: request.method, headers: request.headers, body: JSON.parse(body) });
        if (answer !== 'hangs') response.writeHead(answer.status).end(answer.body);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const egress = new EgressClient({ allowHttp: true, trustedOrigins: [origin] });
    mailer = new ResendMailer({
      egress,
      key: new Secret('re_canary'),
      from: 'FlowMate <mail@flowmate.example>',
      origin,
    });
  });
  afterEach(async () => {
    await mailer.close();
    server.closeAllConnections();
    server.close();
  });

  it('is asked for with the same key at every try', async () => {
    expect(await mailer.send(MAIL)).toEqual({ messageId: '49a3999c-0ce1-4ea6-ab68-afcd6dc2e794' });
    await mailer.send(MAIL);
    expect(asked[0]).toMatchObject({
      url: '/emails',
      method: 'POST',
      headers: { authorization: 'Bearer re_canary', 'idempotency-key': 'flowmate-0123456789abcdef01234567' },
      body: {
        from: 'FlowMate <mail@flowmate.example>',
        to: ['ada@example.com'],
        subject: 'Sign in',
        html: '<p>html part</p>',
        text: 'text part',
      },
    });
    expect(asked[1]!.headers['idempotency-key']).toBe(asked[0]!.headers['idempotency-key']);
  });

  it.each([
    [401, '{}', 'login'],
    [403, '{"name":"validation_error"}', 'login'],
    [409, '{}', 'busy'],
    [429, '{}', 'busy'],
    [500, 'oops', 'busy'],
    [422, '{"name":"invalid_from_address"}', 'sender'],
    [422, '{"name":"validation_error","message":"canary ada@example.com"}', 'refused'],
    [400, '{"name":"validation_error"}', 'refused'],
    [302, '', 'interrupted'],
    [404, '<h1>a proxy</h1>', 'interrupted'],
    [200, 'no json', 'interrupted'],
    [200, '{"id":"<canary>"}', 'interrupted'],
  ])('answers %i %s, which is told as %s', async (status, body, problem) => {
    answer = { status, body };
    const error: unknown = await mailer.send(MAIL).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ problem, isForGood: problem === 'refused' });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toMatch(/canary|ada@/);
  });

  it('is given up with its caller', async () => {
    answer = 'hangs';
    await expect(mailer.send(MAIL, AbortSignal.timeout(100))).rejects.toMatchObject({ problem: 'interrupted' });
  });

  it('is not there', async () => {
    server.close();
    server.closeAllConnections();
    await expect(mailer.send(MAIL)).rejects.toMatchObject({ problem: 'unreachable' });
  });
});
