import { randomBytes } from 'node:crypto';
import { DomainError } from '@flowmate/domain';
import { pino, type Logger as Pino } from 'pino';
import { currentContext } from '../context.js';
import { currentTraceId } from '../tracing/spans.js';
import { errorRecord, type ErrorRecord } from './error-record.js';
import { FieldCleaner, MAX_FIELD_LENGTH, type LogFields } from './log-fields.js';
import { levelOfError, levelOfStatus, type LogLevel } from './log-level.js';
import { LogSampler } from './log-sampler.js';
import { LogSink, type LogDestination } from './log-sink.js';
import { scrub, scrubCorrelationId, scrubPath } from './scrub.js';
import { TextFormat } from './text-format.js';

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly format: 'json' | 'text';
  readonly service: string;
  readonly environment: string;
  /** Where lines go; standard output when absent. */
  readonly destination?: LogDestination;
  /** Hashes IP addresses; when absent they can be compared only within one process. */
  readonly ipSalt?: string | Uint8Array;
}

export interface RequestLine {
  readonly method: string;
  /** The request target; its query is not written. */
  readonly path: string;
  /** The template that matched, such as `/api/v1/agents/:id`. */
  readonly route?: string | undefined;
  readonly status: number;
  readonly durationMs: number;
  readonly userId?: string | undefined;
  /** The code that was answered instead of a result. */
  readonly code?: string | undefined;
  /** Why; told in full when the status is 500 or more, because the caller was not told. */
  readonly error?: unknown;
}

type Line = Record<string, string | number | boolean | ErrorRecord | undefined>;

const STDOUT = 1;
const METHODS = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']);
const MAX_MESSAGE_LENGTH = 1_024;
/** PROPPATCH, the longest common method, has 9 letters. */
const MAX_METHOD_LENGTH = 16;
/** A shutdown waits this long for its last lines. */
const FLUSH_LIMIT_MS = 1_000;
/** The salt needs no more than the hash gives. */
const SALT_BYTES = 32;

/**
 * The one way to write a log line. Lines hold a message, fields of a closed set and the record of an error;
 * all three are made safe on the way, so no caller has to think of secrets or line breaks.
 */
export class Logger {
  private readonly cleaner: FieldCleaner;
  private readonly sampler: LogSampler;

  constructor(
    private readonly pino: Pino,
    ipSalt: string | Uint8Array,
    private readonly sink?: LogSink,
    private readonly out?: LogDestination,
  ) {
    this.cleaner = new FieldCleaner(ipSalt);
    this.sampler = new LogSampler(({ level, message, count }) => this.emit(level, message, { repeated: count }));
  }

  debug(message: string, fields?: LogFields): void {
    if (this.pino.isLevelEnabled('debug')) this.emit('debug', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    if (this.pino.isLevelEnabled('info')) this.emit('info', message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    if (this.pino.isLevelEnabled('warn') && this.sampler.admits('warn', message, '')) {
      this.emit('warn', message, fields);
    }
  }

  error(message: string, error?: unknown, fields?: LogFields): void {
    this.writeError('error', message, error, fields);
  }

  /** A failure as loud as its kind asks for: a refused request is no error of ours. */
  failure(message: string, error: unknown, fields?: LogFields): void {
    this.writeError(levelOfError(error), message, error, fields);
  }

  /** The process is about to end. Never held back. */
  fatal(message: string, error?: unknown, fields?: LogFields): void {
    this.emit('fatal', message, fields, error);
  }

  /** One finished request. On the path of every request, so it copies known fields and nothing else. */
  request(request: RequestLine): void {
    const foreseen = request.error instanceof DomainError;
    const level = foreseen ? levelOfError(request.error) : levelOfStatus(request.status);
    if (!this.pino.isLevelEnabled(level)) return;
    const line = this.contextLine();
    line['method'] = METHODS.has(request.method) ? request.method : scrub(request.method, MAX_METHOD_LENGTH);
    line['path'] = scrubPath(request.path, MAX_FIELD_LENGTH);
    line['route'] = request.route;
    line['status'] = request.status;
    line['duration_ms'] = Math.round(request.durationMs * 10) / 10;
    if (request.userId !== undefined) line['user_id'] = scrub(request.userId, MAX_FIELD_LENGTH);
    line['code'] = request.code;
    const told = level === 'error' && request.error !== undefined;
    if (told && this.sampler.admits(level, 'request', kindOf(request.error))) {
      line['error'] = errorRecord(request.error, this.cleaner);
    }
    this.pino[level](line, 'request');
  }

  /**
   * A line of another stream than the log: always JSON, whatever the level is. Whoever hands it over has made it safe.
   */
  stream(name: string, content: object): void {
    const { service, environment } = this.pino.bindings();
    const line = { stream: name, time: new Date().toISOString(), service, environment, ...content };
    (this.out ?? this.sink)?.write(`${JSON.stringify(line)}\n`);
  }

  /** How many lines could not be written so far. */
  dropped(): number {
    return this.sink?.dropped ?? 0;
  }

  /** Resolves with false when the reader of the log hangs and lines are still waiting. */
  async flush(): Promise<boolean> {
    this.sampler.roll();
    return (await this.sink?.flush(FLUSH_LIMIT_MS)) ?? true;
  }

  private writeError(level: LogLevel, message: string, error: unknown, fields?: LogFields): void {
    if (!this.pino.isLevelEnabled(level)) return;
    // Before the record is made: reading a stack is what costs.
    if (this.sampler.admits(level, message, kindOf(error))) this.emit(level, message, fields, error);
  }

  private emit(level: LogLevel | 'fatal', message: string, fields?: LogFields, error?: unknown): void {
    const line = this.contextLine();
    if (fields) this.cleaner.addTo(line, fields);
    if (error !== undefined) line['error'] = errorRecord(error, this.cleaner);
    this.pino[level](line, scrub(message, MAX_MESSAGE_LENGTH));
  }

  /** Written out field by field: this runs for every line. Undefined fields are not written. */
  private contextLine(): Line {
    const context = currentContext();
    if (!context) return { traceId: currentTraceId() };
    return {
      correlationId: scrubCorrelationId(context.correlationId, MAX_FIELD_LENGTH),
      traceId: currentTraceId(),
      user_id: optional(context.userId),
      workspaceId: optional(context.workspaceId),
      agentId: optional(context.agentId),
      runId: optional(context.runId),
    };
  }
}

function optional(id: string | undefined): string | undefined {
  return id === undefined ? undefined : scrub(id, MAX_FIELD_LENGTH);
}

/** Writes to standard output unless told otherwise. One per process. */
export function createLogger(options: LoggerOptions): Logger {
  const sink = options.destination
    ? undefined
    : new LogSink(STDOUT, (lost) => logger.warn('log lines were lost', { dropped: lost }));
  const out = options.destination ?? sink;
  const destination = out && options.format === 'text' ? new TextFormat(out) : out;
  const instance = pino(
    {
      level: options.level,
      base: { service: options.service, environment: options.environment },
      timestamp: isoTime(),
      formatters: { level: (level) => ({ level }) },
    },
    destination,
  );
  const logger = new Logger(instance, options.ipSalt ?? randomBytes(SALT_BYTES), sink, out);
  return logger;
}

/** Formats a time once per millisecond: it costs more than the rest of a line's head. */
function isoTime(): () => string {
  let at = 0;
  let text = '';
  return () => {
    const now = Date.now();
    if (now !== at) {
      at = now;
      text = `,"time":"${new Date(now).toISOString()}"`;
    }
    return text;
  };
}

function kindOf(error: unknown): string {
  if (error instanceof DomainError) return error.code;
  return error instanceof Error ? error.name : typeof error;
}
