import type { AbuseCase } from '../../../../test/abuse/abuse-case.js';
import type { Answer } from './send.js';

/** What holds for every error answer, whatever went wrong. */
export function expectProblem(answer: Answer, { status, code, issue }: Omit<AbuseCase, 'request'>): void {
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  const problem = JSON.parse(answer.body);
  expect(problem).toMatchObject({ status, code, type: `/api/docs/errors#${code}` });
  expect(problem.correlationId).toBe(answer.headers['x-correlation-id']);
  expect(Object.keys(problem)).toEqual(
    expect.arrayContaining(['type', 'title', 'status', 'detail', 'instance', 'code', 'correlationId']),
  );
  if (issue) expect(problem.errors).toContainEqual({ ...issue, message: expect.any(String) });
  if (status === 401) expect(answer.headers['www-authenticate']).toBe('Bearer');
}
