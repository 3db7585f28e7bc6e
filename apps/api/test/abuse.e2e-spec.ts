import { verifies } from '@flowmate/testing';
import { CANARY, type AbuseCase } from '../../../test/abuse/abuse-case.js';
import { BODY_CASES } from '../../../test/abuse/bodies.table.js';
import { ALLOWED_ORIGIN, HEADER_CASES } from '../../../test/abuse/headers.table.js';
import { PATH_CASES } from '../../../test/abuse/paths.table.js';
import { SIGN_IN_CASES } from '../../../test/abuse/sign-in.table.js';
import { startApiUnderTest, type ApiUnderTest } from './harness/api-under-test.js';
import { expectProblem } from './harness/expect-problem.js';
import { send } from './harness/send.js';

const title = ({ id, name }: AbuseCase): string => `${id} ${name}`;

describe(verifies('FM-38', 'FM-43', 'FM-45', 'FM-59', 'FM-104', 'AP-10', 'AP-12', 'attacks and bad input'), () => {
  let api: ApiUnderTest;
  const before = Object.getOwnPropertyNames(Object.prototype).sort();

  beforeAll(async () => {
    api = await startApiUnderTest({ variables: { ALLOWED_ORIGINS: ALLOWED_ORIGIN } });
  });
  afterAll(async () => api.close());

  it.each([...PATH_CASES, ...BODY_CASES, ...HEADER_CASES, ...SIGN_IN_CASES].map((row) => [title(row), row] as const))(
    '%s',
    async (_, row) => {
      const started = performance.now();
      const answer = await send(api.port, row.request);
      const tookMs = performance.now() - started;

      expect(answer.status).toBe(row.status);
      if (row.code !== undefined) expectProblem(answer, row);
      for (const [name, value] of Object.entries(row.headers ?? {})) {
        if (value === null) expect(answer.headers).not.toHaveProperty(name);
        else expect(answer.headers[name]).toEqual(typeof value === 'string' ? value : expect.stringMatching(value));
      }
      expect(answer.headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
      expect(answer.headers['content-security-policy']).toBe("default-src 'none'; frame-ancestors 'none'");
      expect(answer.headers).not.toHaveProperty('x-powered-by');
      expect(answer.headers).not.toHaveProperty('server');
      // A deep or huge body must cost no more than reading it: figures of case N04, with room for a busy machine.
      expect(tookMs).toBeLessThan(500);

      const line = await api.lineOf(String(answer.headers['x-correlation-id']));
      expect(line).toMatchObject({ status: row.status, ...(row.code === undefined ? {} : { code: row.code }) });
      expect(api.linesOf(String(answer.headers['x-correlation-id']))).toHaveLength(1);
      expect(answer.body).not.toContain(CANARY);
      expect(answer.body).not.toContain('canary-in-an-error');
    },
  );

  it('left no canary in the log and nothing on Object.prototype', () => {
    expect(api.raw()).not.toContain(CANARY);
    expect(api.raw()).not.toContain('hunter2hunter2');
    expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(before);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});
