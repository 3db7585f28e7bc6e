import { startApiUnderTest } from './harness/api-under-test.js';
import { send, type Answer, type Sent } from './harness/send.js';

const ORIGIN = 'https://app.example.com';

async function askedFrom(origin: string, allowed: string, question: Sent = {}): Promise<Answer> {
  const api = await startApiUnderTest({ variables: { ALLOWED_ORIGINS: allowed } });
  try {
    return await send(api.port, { path: '/api/v1', ...question, headers: { ...question.headers, origin } });
  } finally {
    await api.close();
  }
}

const corsOf = ({ headers }: Answer): Record<string, unknown> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('access-control-')));

describe('answers to pages of other origins', () => {
  it('let an allowed origin send credentials and read the headers that it needs', async () => {
    const answer = await askedFrom(ORIGIN, ORIGIN);
    expect(corsOf(answer)).toEqual({
      'access-control-allow-origin': ORIGIN,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers':
        'x-correlation-id, location, etag, idempotent-replayed, preference-applied, retry-after, ratelimit-limit, ratelimit-remaining, ratelimit-reset',
    });
  });

  it('let it name the workspace that is meant, and prove that it is a page of ours', async () => {
    const headers = { 'access-control-request-method': 'POST' };
    const question = { method: 'OPTIONS', path: '/api/v1/api-keys', headers };
    const allowed = String((await askedFrom(ORIGIN, ORIGIN, question)).headers['access-control-allow-headers']);
    expect(allowed.split(/, ?/)).toEqual(expect.arrayContaining(['authorization', 'x-flowmate', 'x-workspace-id']));
  });

  it('say nothing when no origin is allowed, except that they would differ by it', async () => {
    const answer = await askedFrom(ORIGIN, '');
    expect(corsOf(answer)).toEqual({});
    expect(answer.headers.vary).toBe('Origin');
  });
});
