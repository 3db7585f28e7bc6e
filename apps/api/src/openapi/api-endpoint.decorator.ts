import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiOperation, ApiResponse } from '@nestjs/swagger';
import { InvalidInputError, type DomainError } from '@flowmate/domain';
import { OverloadedError } from '../http/http.errors.js';
import { ProblemResponse } from './problem.response.js';
import { withProblems, type ProblemAnswer } from './problem-responses.js';

export interface OperationDoc {
  readonly id: string;
  readonly summary: string;
  readonly description?: string;
  /** One example of every error that is its own; what every operation may answer is added. */
  readonly errors?: readonly DomainError[];
}

/** What any operation may answer: a parameter it does not have, too much to do, a fault of ours. */
const COMMON: readonly unknown[] = [
  new InvalidInputError([{ path: '', rule: 'unrecognized_keys', message: 'takes no query parameters' }]),
  new OverloadedError(),
  new Error('unforeseen'),
];

/** Id, summary and all error answers of an operation, each with the body that the filter would really send. */
export function ApiEndpoint(doc: OperationDoc): MethodDecorator {
  const { id, summary, description, errors = [] } = doc;
  const problems = Object.entries(withProblems({}, [...COMMON, ...errors])).map(([status, answer]) =>
    ApiResponse({ ...(answer as ProblemAnswer), status: Number(status) }),
  );
  return applyDecorators(
    ApiOperation({ operationId: id, summary, description }),
    ApiExtraModels(ProblemResponse),
    ...problems,
  );
}
