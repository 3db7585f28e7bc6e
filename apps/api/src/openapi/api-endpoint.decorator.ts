import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiOperation, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { InvalidInputError, type DomainError } from '@flowmate/domain';
import { OverloadedError } from '../http/http.errors.js';
import { PROBLEM_MEDIA_TYPE, toProblem } from '../http/problem.js';
import { ProblemResponse } from './problem.response.js';

export interface OperationDoc {
  readonly id: string;
  readonly summary: string;
  readonly description?: string;
  /** One example of every error that is its own; what every operation may answer is added. */
  readonly errors?: readonly DomainError[];
}

const EXAMPLE_ID = '0b0f3f0e-4b5c-4c3d-9a53-0d5d7f3a1c11';

/** What any operation may answer: a parameter it does not have, too much to do, a fault of ours. */
const COMMON: readonly unknown[] = [
  new InvalidInputError([{ path: '', rule: 'unrecognized_keys', message: 'takes no query parameters' }]),
  new OverloadedError(),
  new Error('unforeseen'),
];

function byStatus(errors: readonly unknown[]): Map<number, Record<string, { value: object }>> {
  const statuses = new Map<number, Record<string, { value: object }>>();
  for (const error of errors) {
    const problem = toProblem(error, '/', EXAMPLE_ID);
    statuses.set(problem.status, { ...statuses.get(problem.status), [problem.code]: { value: problem } });
  }
  return statuses;
}

/** Id, summary and all error answers of an operation, each with the body that the filter would really send. */
export function ApiEndpoint(doc: OperationDoc): MethodDecorator {
  const { id, summary, description, errors = [] } = doc;
  const problems = [...byStatus([...COMMON, ...errors])].map(([status, examples]) =>
    ApiResponse({
      status,
      description: Object.keys(examples).join(', '),
      content: { [PROBLEM_MEDIA_TYPE]: { schema: { $ref: getSchemaPath(ProblemResponse) }, examples } },
    }),
  );
  return applyDecorators(
    ApiOperation({ operationId: id, summary, description }),
    ApiExtraModels(ProblemResponse),
    ...problems,
  );
}
