import { verifies } from '@flowmate/testing';
import { startApiUnderTest, type ApiUnderTest } from './harness/api-under-test.js';
import { send } from './harness/send.js';

describe('Swagger UI', () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await startApiUnderTest();
  });
  afterAll(async () => api.close());

  it('is a page of ours whose policy allows nothing inline and nothing from elsewhere', async () => {
    const { status, headers, body } = await send(api.port, { path: '/api/docs' });
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(body).not.toMatch(/<script>|<style>| style=| on\w+=|https?:\/\//);
  });

  it('serves every file that the page names, and the document that its script names', async () => {
    const page = await send(api.port, { path: '/api/docs' });
    const script = await send(api.port, { path: '/api/docs/start.js' });
    const named = [...`${page.body}${script.body}`.matchAll(/["'](\/api\/docs[^"']*)["']/g)].map(
      ([, path = '']) => path,
    );
    expect(named).toHaveLength(5);
    for (const path of named)
      expect({ path, status: (await send(api.port, { path })).status }).toEqual({ path, status: 200 });
  });

  it.each([
    'package.json',
    'swagger-ui-bundle.js.map',
    'index.html',
    '../package.json',
    '..%2fpackage.json',
    '%2e%2e/package.json',
    '',
  ])('serves no other file: %s', async (file) => {
    const { status, headers } = await send(api.port, { path: `/api/docs/assets/${file}` });
    expect(status).toBe(404);
    expect(headers['content-type']).toBe('application/problem+json; charset=utf-8');
  });

  it('has a page with an anchor for every error code, which is where a problem’s type leads', async () => {
    const refused = JSON.parse((await send(api.port, { path: '/nothing/here' })).body);
    const [path, anchor] = String(refused.type).split('#');
    const { status, body } = await send(api.port, { path });
    expect(status).toBe(200);
    expect(body).toContain(`id="${anchor}"`);
    expect(body.match(/<tr id=/g)?.length).toBeGreaterThan(20);
  });
});

describe(verifies('FM-58', 'FM-59', 'production'), () => {
  it('serves no documentation unless asked, sends HSTS, and still sends the welcome as JSON to browsers', async () => {
    const secrets = {
      JWT_SECRET: 'f3a91c0e5b7d2846f3a91c0e5b7d2846f3a91c0e5b7d2846f3a91c0e5b7d2846',
      REFRESH_SECRET: '0b1d8c7e6f5a49382716f5e4d3c2b1a00b1d8c7e6f5a49382716f5e4d3c2b1a0',
      SMTP_URL: 'smtp://127.0.0.1:1',
      RESEND_FROM_EMAIL: 'mail@example.com',
      PUBLIC_APP_URL: 'https://flowmate.example.com',
      INTEGRATION_ENC_KEY: '5f3a91c0e5b7d2846f3a91c0e5b7d2846f3a91c0e5b7d2846f3a91c0e5b7d284',
    };
    const api = await startApiUnderTest({ variables: { NODE_ENV: 'production', ...secrets }, modules: [] });
    try {
      for (const path of ['/api/docs', '/api/docs-json', '/api/docs/errors', '/api/docs/assets/swagger-ui.css']) {
        expect({ path, status: (await send(api.port, { path })).status }).toEqual({ path, status: 404 });
      }
      const { status, headers, body } = await send(api.port, { path: '/', headers: { accept: 'text/html' } });
      expect(status).toBe(200);
      expect(headers['strict-transport-security']).toBe('max-age=63072000; includeSubDomains');
      expect(JSON.parse(body).links).toEqual({ self: '/api/v1', health: '/health/live' });
    } finally {
      await api.close();
    }
  });
});
