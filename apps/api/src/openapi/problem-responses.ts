import { getSchemaPath } from '@nestjs/swagger';
import { PROBLEM_MEDIA_TYPE, toProblem } from '../http/problem.js';
import { ProblemResponse } from './problem.response.js';

type Examples = Readonly<Record<string, { readonly value: object }>>;

/** The error answers of one status, each with the body that the filter would really send. */
export interface ProblemAnswer {
  readonly description: string;
  readonly content: Readonly<
    Record<string, { readonly schema: { readonly $ref: string }; readonly examples?: Examples }>
  >;
}

export type Responses = Readonly<Record<string, ProblemAnswer | Readonly<Record<string, unknown>>>>;

const EXAMPLE_ID = '0b0f3f0e-4b5c-4c3d-9a53-0d5d7f3a1c11';

function examplesOf(response: Responses[string] | undefined): Examples {
  const content = response?.['content' as keyof typeof response] as ProblemAnswer['content'] | undefined;
  return content?.[PROBLEM_MEDIA_TYPE]?.examples ?? {};
}

/** Answers with these errors added to those that are there, by status. */
export function withProblems(responses: Responses, errors: readonly unknown[]): Responses {
  const all: Record<string, Responses[string]> = { ...responses };
  for (const error of errors) {
    const problem = toProblem(error, '/', EXAMPLE_ID);
    const examples = { ...examplesOf(all[problem.status]), [problem.code]: { value: problem } };
    all[problem.status] = {
      description: Object.keys(examples).join(', '),
      content: { [PROBLEM_MEDIA_TYPE]: { schema: { $ref: getSchemaPath(ProblemResponse) }, examples } },
    };
  }
  return all;
}
