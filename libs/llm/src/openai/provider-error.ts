import { z } from 'zod';
import {
  ContextLengthError,
  ModelAuthError,
  ModelBadRequestError,
  type ModelError,
  ModelRateLimitedError,
  ModelUnavailableError,
} from '../model.errors.js';
import { retryAfterMs } from './retry-after.js';

/** Looked at to tell errors apart, never repeated. */
const word = z.union([z.string(), z.number()]).nullish().catch(undefined);
const providerError = z.object({ code: word, type: word, message: z.string().nullish().catch(undefined) });

/** OpenAI's word, and llama.cpp's. */
const TOO_LONG = new Set<unknown>(['context_length_exceeded', 'exceed_context_size_error']);
/** vLLM, and servers that copy its sentence, give no code. */
const TOO_LONG_SENTENCE = /maximum context length/i;
const RATE_LIMITED = new Set<unknown>(['rate_limit_exceeded', 'rate_limit_error', 429, '429']);

function isTooLong(error: unknown): boolean {
  const { data } = providerError.safeParse(error);
  if (!data) return false;
  return TOO_LONG.has(data.code) || TOO_LONG.has(data.type) || TOO_LONG_SENTENCE.test(data.message ?? '');
}

/** 408 and 425 ask to send again, 409 is a lock at the provider; 529 is an overloaded one and counts among 5xx. */
const TRANSIENT = new Set([408, 409, 425]);

/** An answer with an error status; `body` is the `error` object in it, if there was one. */
export function errorOfStatus(status: number, headers: Headers | undefined, body: unknown): ModelError {
  const wait = retryAfterMs(headers);
  if (status === 429) return new ModelRateLimitedError({ status, retryAfterMs: wait });
  if (status >= 500 || TRANSIENT.has(status)) return new ModelUnavailableError({ status, retryAfterMs: wait });
  if (status === 401 || status === 403) return new ModelAuthError({ status });
  return isTooLong(body) ? new ContextLengthError({ status }) : new ModelBadRequestError({ status });
}

/** An error that the provider sent in the middle of its stream, after a good status. */
export function errorInStream(error: unknown): ModelError {
  if (isTooLong(error)) return new ContextLengthError({ reason: 'in_stream' });
  const { data } = providerError.safeParse(error);
  return data && (RATE_LIMITED.has(data.code) || RATE_LIMITED.has(data.type))
    ? new ModelRateLimitedError({ reason: 'in_stream' })
    : new ModelUnavailableError({ reason: 'in_stream' });
}
