import { verifies } from '@flowmate/testing';
import { OPERATOR_TOKEN, startApiUnderTest, type ApiUnderTest } from './harness/api-under-test.js';
import { send } from './harness/send.js';

/**
 * Every address that answers without credentials, and why it may. Read from the server's own route table,
 * so that Swagger UI and files are in it too. A line more is a decision.
 */
const PUBLIC_ROUTES = [
  'GET /', // welcome
  'GET /api/docs', // Swagger UI, where API_DOCS is on
  'GET /api/docs-json',
  'GET /api/docs/assets/favicon-32x32.png',
  'GET /api/docs/assets/swagger-ui-bundle.js',
  'GET /api/docs/assets/swagger-ui.css',
  'GET /api/docs/errors',
  'GET /api/docs/start.js',
  'GET /api/health', // for load balancers
  'GET /api/ready',
  'GET /api/v1', // welcome
  'GET /api/v1/auth/oidc/callback', // where the OpenID provider sends people back to; 404 without a provider
  'GET /api/v1/auth/oidc/login',
  'GET /health', // for orchestrators
  'GET /health/live',
  'GET /health/ready',
  'GET /invite', // the page that links in invitations open
  'GET /invite/page.js',
  'GET /ready',
  'GET /sign-in', // the page that links in mails open
  'GET /sign-in/page.js',
  'GET /sign-in/style.css',
  'POST /api/v1/auth', // asks for a link by mail
  'POST /api/v1/auth/logout', // shows a refresh token
  'POST /api/v1/auth/refresh',
  'POST /api/v1/auth/verify', // shows the token of one
];

const concrete = (url: string): string => url.replace(/:\w+/g, 'x');

describe('access to the api', () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    // No harness routes: this is what a user's server has.
    api = await startApiUnderTest({ modules: [] });
  });
  afterAll(async () => api.close());

  it('is open for the listed addresses only, on every route that the server has', async () => {
    const open: string[] = [];
    for (const { method, url } of api.routes.all()) {
      if (method === 'HEAD' || method === 'OPTIONS') continue;
      const { status } = await send(api.port, { method, path: concrete(url) });
      if (status !== 401) open.push(`${method} ${url}`);
    }
    expect(open.sort()).toEqual(PUBLIC_ROUTES);
  });

  it('answers HEAD as it answers GET, without a body', async () => {
    for (const { url } of api.routes.all().filter(({ method }) => method === 'HEAD')) {
      const path = concrete(url);
      const [head, get] = await Promise.all([send(api.port, { method: 'HEAD', path }), send(api.port, { path })]);
      expect({ path, status: head.status, body: head.body }).toEqual({ path, status: get.status, body: '' });
    }
  });

  it('knows more than the public routes', () => {
    expect(api.routes.all().length).toBeGreaterThan(PUBLIC_ROUTES.length);
  });
});

describe(
  verifies('FS-8', 'FR-18', 'FR-25', 'FR-19', 'FR-20', 'FM-79', 'FM-80', 'FS-10', 'what an operator may look into'),
  () => {
    let api: ApiUnderTest;
    const headers = { authorization: `Bearer ${OPERATOR_TOKEN}` };

    beforeAll(async () => {
      api = await startApiUnderTest();
    });
    afterAll(async () => api.close());

    it('serves metrics by route template to the holder of the token', async () => {
      await send(api.port, { path: '/test/echo/0123456789abcdef01234567' });
      await send(api.port, { path: '/no/such/route' });
      const { status, body, headers: answered } = await send(api.port, { path: '/api/metrics', headers });
      expect(status).toBe(200);
      expect(answered['content-type']).toContain('text/plain');
      expect(body).toMatch(/http_requests_total\{method="GET",status="200",path="\/test\/echo\/:id"\} 1/);
      expect(body).toMatch(
        /http_requests_errors_total\{method="GET",path="unmatched",status="404",code="not_found"\} 1/,
      );
      expect(body).toMatch(/http_request_duration_seconds_bucket\{le="0.1",method="GET",path="\/test\/echo\/:id"\} 1/);
      expect(body).toMatch(/http_requests_active 1/);
      expect(body).not.toContain('0123456789abcdef01234567');
    });

    it('keeps the number of series small whatever is asked for (case K06)', async () => {
      const before = (await api.metrics.text()).split('\n').length;
      for (let index = 0; index < 200; index++) await send(api.port, { path: `/made/up/${index}?n=${index}` });
      expect((await api.metrics.text()).split('\n').length - before).toBeLessThan(40);
    });

    it('takes a CPU profile, one at a time', async () => {
      const [first, second] = await Promise.all([
        send(api.port, { path: '/debug/pprof/profile?seconds=1', headers }),
        send(api.port, { path: '/debug/pprof/profile?seconds=1', headers }),
      ]);
      expect([first.status, second.status].sort()).toEqual([200, 409]);
      const [profile, refusal] = first.status === 200 ? [first, second] : [second, first];
      expect(JSON.parse(profile.body)).toHaveProperty('nodes');
      expect(JSON.parse(refusal.body)).toMatchObject({ code: 'profile_in_progress' });
    });

    it.each(['0', '61', '1.5', 'x'])('refuses to watch for %s seconds', async (seconds) => {
      const { status } = await send(api.port, { path: `/debug/pprof/profile?seconds=${seconds}`, headers });
      expect(status).toBe(400);
    });
  },
);

describe('without METRICS_TOKEN', () => {
  it('the operator’s addresses do not exist, whatever token is sent', async () => {
    const api = await startApiUnderTest({ variables: { METRICS_TOKEN: '' } });
    try {
      for (const path of ['/api/metrics', '/debug/pprof/heap', '/debug/pprof/profile']) {
        const { status, body } = await send(api.port, { path, headers: { authorization: 'Bearer undefined' } });
        expect([status, JSON.parse(body).code]).toEqual([404, 'not_found']);
      }
    } finally {
      await api.close();
    }
  });
});
