import { loadEnv } from '@flowmate/config';
import { Outbox } from '@flowmate/mail';
import { API_ENV } from '../src/config/api.env.js';
import { MailboxModule } from '../src/mailbox/mailbox.module.js';
import { signInHtml } from '../src/sign-in/page/sign-in.html.js';
import { startApiUnderTest, TEST_SECRETS, type ApiUnderTest } from './harness/api-under-test.js';
import { send, type Answer } from './harness/send.js';

const DEV_LINK_SECRET = 'b7d2846f3a91c0e5b7d2846f3a91c0e5b7d2846f3a91c0e5b7d2846f3a91c0e5';
const PRODUCTION = {
  NODE_ENV: 'production',
  SMTP_URL: 'smtp://127.0.0.1:1',
  RESEND_FROM_EMAIL: 'mail@example.com',
  PUBLIC_APP_URL: 'https://flowmate.example.com',
};

describe('what only development has', () => {
  let api: ApiUnderTest;
  beforeAll(async () => {
    api = await startApiUnderTest({ modules: [], variables: { DEV_MAILBOX: 'true', DEV_LINK_SECRET } });
  });
  afterAll(() => api.close());

  const makeLink = (authorization?: string): Promise<Answer> =>
    send(api.port, { method: 'POST', path: '/dev/sign-in-link', headers: authorization ? { authorization } : {} });
  const verify = (token: string): Promise<Answer> =>
    send(api.port, {
      method: 'POST',
      path: '/api/v1/auth/verify',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    });

  describe('the mailbox', () => {
    beforeAll(async () => {
      await api.app.get(Outbox, { strict: false }).put('invite', 'ada@example.com', {
        workspace: '<script>alert(1)</script>',
        inviter: 'Grace',
        role: 'analyst',
        url: 'http://127.0.0.1:9000/sign-in#to=%2F',
        days: 7,
      });
    });

    it('shows mails as text, with a link, and runs nothing', async () => {
      const { status, headers, body } = await send(api.port, { path: '/dev/mailbox' });
      expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
      expect(headers['content-security-policy']).toBe(
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      );
      expect(body).toContain('Grace invites you to &lt;script&gt;alert(1)&lt;/script&gt; on FlowMate');
      expect(body).toContain('href="http://127.0.0.1:9000/sign-in#to=%2F"');
      expect(body).not.toMatch(/<script|style=|javascript:/);
      expect((await send(api.port, { path: '/dev/mailbox/style.css' })).headers['content-type']).toContain('text/css');
    });

    it('tells scripts the same', async () => {
      const { body } = await send(api.port, { path: '/dev/mailbox/messages' });
      expect(JSON.parse(body).messages).toMatchObject([
        { kind: 'invite', to: 'ada@example.com', status: 'due', link: 'http://127.0.0.1:9000/sign-in#to=%2F' },
      ]);
    });

    it('answers under no name that could be somebody else’s', async () => {
      const statuses = await Promise.all(
        ['evil.example', '127.0.0.1.evil.example', 'localhost:9000', '127.0.0.1:9000', '[::1]:9000'].map(
          async (host) => (await send(api.port, { path: '/dev/mailbox/messages', headers: { host } })).status,
        ),
      );
      expect(statuses).toEqual([404, 404, 200, 200, 200]);
    });
  });

  describe('the agent that npm start offers', () => {
    const prepare = async (): Promise<{ agentId: string; key: string }> => {
      const headers = { authorization: `Bearer ${DEV_LINK_SECRET}` };
      const { status, body } = await send(api.port, { method: 'POST', path: '/dev/demonstration', headers });
      expect(status).toBe(201);
      return JSON.parse(body) as { agentId: string; key: string };
    };
    const startWith = ({ agentId, key }: { agentId: string; key: string }): Promise<Answer> =>
      send(api.port, {
        method: 'POST',
        path: `/api/v1/agents/${agentId}/run`,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
        body: '{"input":"What time is it?"}',
      });

    it('runs with the key that it gives, and stays one agent with one key', async () => {
      const first = await prepare();
      expect((await startWith(first)).status).toBe(202);
      const second = await prepare();
      expect(second.agentId).toBe(first.agentId);
      expect((await startWith(second)).status).toBe(202);
      expect(second.key).not.toBe(first.key);
    });

    it('is not there for who does not know the secret', async () => {
      expect((await send(api.port, { method: 'POST', path: '/dev/demonstration' })).status).toBe(404);
    });
  });

  describe('the link that npm start prints', () => {
    it('signs in wherever it is opened, once', async () => {
      const made = await makeLink(`Bearer ${DEV_LINK_SECRET}`);
      expect(made.status).toBe(201);
      const { url } = JSON.parse(made.body);
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:9000\/sign-in#token=[\w-]{43}&bound=no$/);
      const token = new URLSearchParams(new URL(url).hash.slice(1)).get('token')!;
      expect(api.raw()).not.toContain(token);
      expect((await verify(token)).status).toBe(200);
      expect((await verify(token)).status).toBe(401);
    });

    it('is given to nobody without the secret', async () => {
      for (const authorization of [undefined, 'Bearer', 'Bearer undefined', `Basic ${DEV_LINK_SECRET}`, 'Bearer x']) {
        const { status, body } = await makeLink(authorization);
        expect([status, JSON.parse(body).code]).toEqual([404, 'not_found']);
      }
    });
  });
});

describe('elsewhere', () => {
  it.each([{}, { NODE_ENV: 'development', DEV_MAILBOX: 'false' }])('there is none of it: %j', async (variables) => {
    const api = await startApiUnderTest({ modules: [], variables: { ...variables } as Record<string, string> });
    try {
      expect(api.routes.all().filter(({ url }) => url.startsWith('/dev'))).toEqual([]);
    } finally {
      await api.close();
    }
  });

  it('production has none of it, and development a mailbox without being asked', () => {
    const secrets = { ...TEST_SECRETS, REDIS_URL: 'redis://127.0.0.1:1', MONGODB_URI: 'mongodb://127.0.0.1:1' };
    const controllers = (variables: Record<string, string>): unknown =>
      MailboxModule.for(loadEnv(API_ENV, { variables: { ...secrets, ...variables } })).controllers;
    expect(controllers(PRODUCTION)).toEqual([]);
    expect(controllers({ NODE_ENV: 'development' })).toHaveLength(1);
  });

  it.each([{ DEV_MAILBOX: 'true' }, { DEV_LINK_SECRET }])('A09 production refuses to start with it: %j', (more) => {
    const [[name, value] = ['', '']] = Object.entries(more);
    const variables = { ...TEST_SECRETS, ...PRODUCTION, [name]: value };
    const rule = 'must not be set in production';
    expect(() => loadEnv(API_ENV, { variables })).toThrow(expect.objectContaining({ problems: [{ name, rule }] }));
  });
});

describe('the pages that mails open', () => {
  let api: ApiUnderTest;
  beforeAll(async () => {
    api = await startApiUnderTest({ modules: [] });
  });
  afterAll(() => api.close());

  it.each(['/sign-in', '/invite'])(
    '%s runs its own script and nothing else, and may be shown in no frame',
    async (path) => {
      const { status, headers, body } = await send(api.port, { path });
      expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
      expect(headers['content-security-policy']).toBe(
        "default-src 'none'; style-src 'self'; script-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      );
      expect(headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' });
      const loaded = [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url = '']) => url);
      expect(loaded).toEqual(expect.arrayContaining(['/sign-in/style.css', `${path}/page.js`]));
      expect(loaded.filter((url) => !/^\/(?!\/)/.test(url))).toEqual([]);
      expect(body).not.toMatch(/<script>|style=|\son\w+=/);
    },
  );

  it.each([
    ['/sign-in/page.js', 1],
    ['/invite/page.js', 1],
  ])('%s parses, writes no markup and sends nothing before somebody presses a button', async (path, fetches) => {
    const { headers, body } = await send(api.port, { path });
    expect(headers['content-type']).toBe('text/javascript; charset=utf-8');
    // oxlint-disable-next-line no-new-func -- it is parsed and never run
    expect(() => new Function(body)).not.toThrow();
    expect(body).not.toMatch(/innerHTML|insertAdjacent|document\.write|eval\(/);
    expect(body.match(/fetch\(/g)).toHaveLength(fetches);
    expect(body).toContain('history.replaceState');
  });

  it('offer the sign-in at a provider where there is one', async () => {
    expect((await send(api.port, { path: '/sign-in' })).body).not.toContain('oidc');
    const page = signInHtml({ hasProvider: true });
    expect(page).toContain('<a id="provider" href="/api/v1/auth/oidc/login">');
  });

  it('load nothing from elsewhere, and take nothing from their address', async () => {
    expect((await send(api.port, { path: '/sign-in/style.css' })).body).not.toMatch(/url\(|@import/);
    for (const path of ['/sign-in?token=x', '/invite?token=x'])
      expect((await send(api.port, { path })).status).toBe(400);
  });
});
