import { startApiUnderTest } from './harness/api-under-test.js';
import { send, type Answer } from './harness/send.js';

const ORIGIN = 'https://app.example.com';

async function askedFrom(origin: string, allowed: string): Promise<Answer> {
  const api = await startApiUnderTest({ variables: { ALLOWED_ORIGINS: allowed } });
  try {
    return await send(api.port, { path: '/api/v1', headers: { origin } });
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
        'x-correlation-id, location, retry-after, ratelimit-limit, ratelimit-remaining, ratelimit-reset',
    });
  });

  it('say nothing when no origin is allowed, except that they would differ by it', async () => {
    const answer = await askedFrom(ORIGIN, '');
    expect(corsOf(answer)).toEqual({});
    expect(answer.headers.vary).toBe('Origin');
  });
});
