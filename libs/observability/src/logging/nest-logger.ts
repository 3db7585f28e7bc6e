import type { LoggerService } from '@nestjs/common';
import type { Logger } from './logger.js';

const STACK = /\n\s{4}at /;

/**
 * Sends what the framework itself has to say through our logger, so that its lines carry the correlation id
 * and pass the same rules. What Nest calls `log` is about its own wiring, and so is a debug line here.
 */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.logger.debug(textOf(message), componentOf(rest));
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.logger.debug(textOf(message), componentOf(rest));
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.logger.debug(textOf(message), componentOf(rest));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.logger.warn(textOf(message), componentOf(rest));
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.logger.error(textOf(message), errorOf(message, rest), componentOf(rest));
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.logger.fatal(textOf(message), errorOf(message, rest), componentOf(rest));
  }
}

/** Objects are not told: nobody knows what they hold. */
function textOf(message: unknown): string {
  if (typeof message === 'string') return message;
  return message instanceof Error ? 'the framework reported an error' : `a message of type ${typeof message}`;
}

/** Nest hands its context over as the last argument. */
function componentOf(rest: readonly unknown[]): { component: string } | undefined {
  const last = rest.at(-1);
  return typeof last === 'string' && !STACK.test(last) ? { component: last } : undefined;
}

/** Nest hands errors over as the message, as an argument, or only as the text of their stack. */
function errorOf(message: unknown, rest: readonly unknown[]): unknown {
  const error = [message, ...rest].find((value) => value instanceof Error);
  if (error) return error;
  const stack = rest.find((value) => typeof value === 'string' && STACK.test(value));
  if (typeof stack !== 'string') return undefined;
  return Object.assign(new Error(stack.slice(0, stack.search(STACK))), { stack });
}
