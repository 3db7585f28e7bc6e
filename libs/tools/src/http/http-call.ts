import {
  EgressAbortedError,
  EgressError,
  EgressTimeoutError,
  EgressUnreachableError,
  RequestNotAllowedError,
  ResponseMalformedError,
  UrlNotAllowedError,
  type EgressClient,
  type EgressMethod,
} from '@flowmate/egress';
import { ToolFailure, type ToolEffect } from '../port/tool-failure.js';
import { retryAfterMs } from './retry-after.js';

export interface HttpCall {
  readonly url: string;
  readonly method: EgressMethod;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** The client reads no more than its cap and fails beyond it; we stop long before and say so. */
const READ_CAP = { maxResponseBytes: 64 * 1_024 * 1_024 } as const;

const BLOCKED = 'This address is not allowed. Use a public https address without credentials, port or fragment.';

/** What a failure of the client means for the call: only it knows whether anything had left. */
export function httpFailure(error: unknown): unknown {
  if (error instanceof UrlNotAllowedError || error instanceof RequestNotAllowedError)
    return new ToolFailure('tool_url_blocked', BLOCKED, { cause: error });
  if (!(error instanceof EgressError)) return error;
  const effect: ToolEffect = error.ambiguous ? 'ambiguous' : 'none';
  const options = { effect, isTransient: true, cause: error };
  if (error instanceof EgressUnreachableError)
    return new ToolFailure('tool_unreachable', 'The server could not be reached.', options);
  if (error instanceof EgressTimeoutError)
    return new ToolFailure('tool_timeout', 'The server did not answer in time.', options);
  if (error instanceof EgressAbortedError)
    return new ToolFailure('tool_aborted', 'The call was given up.', { ...options, isTransient: false });
  return new ToolFailure('tool_failed', 'The connection to the server broke off, or its answer is no HTTP.', options);
}

/** 408 and 5xx say nothing about what was done; 429 says that nothing was; any other 4xx is a plain no. */
function statusFailure(status: number, headers: Headers): ToolFailure | undefined {
  if (status < 400) return undefined;
  const message = `The server answered with the status ${status}.`;
  const wait = retryAfterMs(headers.get('retry-after'));
  if (status === 429) return new ToolFailure('tool_failed', message, { isTransient: true, retryAfterMs: wait });
  if (status === 408 || status >= 500)
    return new ToolFailure('tool_failed', message, { effect: 'ambiguous', isTransient: true, retryAfterMs: wait });
  return new ToolFailure('tool_failed', message);
}

/**
 * An answer whose body cannot be read, compressed though we asked for plain, is a definite one all the same: its
 * status says what was done. Beyond 599 there is no status that says anything.
 */
function unreadable(error: unknown): Response {
  const status = error instanceof ResponseMalformedError ? error.status : undefined;
  if (status === undefined || status > 599) throw httpFailure(error);
  return new Response(null, { status, headers: { 'content-type': 'application/octet-stream' } });
}

/** One request; a status of 400 and above is a failure, but for those that are an answer to this very call. */
export async function httpCall(
  client: EgressClient,
  call: HttpCall,
  answers: readonly number[] = [],
): Promise<Response> {
  const { url, ...init } = call;
  const send = client.fetchWith(READ_CAP);
  const response = await send(url, init).catch(unreadable);
  const failure = answers.includes(response.status) ? undefined : statusFailure(response.status, response.headers);
  if (!failure) return response;
  await response.body?.cancel();
  throw failure;
}
