import { ERROR_KINDS, DomainError, type ErrorKind } from '@flowmate/domain';
import { verifies } from '@flowmate/testing';
import { runWithContext } from '../context.js';
import type { LogFields } from './log-fields.js';
import { createLogger, type Logger, type LoggerOptions } from './logger.js';
import { NestLogger } from './nest-logger.js';

type Line = Record<string, unknown>;

function recording(options: Partial<LoggerOptions> = {}): { logger: Logger; raw: string[]; lines: () => Line[] } {
  const raw: string[] = [];
  const destination = { write: (line: string) => void raw.push(line) };
  const fixed = { level: 'info', format: 'json', service: 'api', environment: 'test' } as const;
  const logger = createLogger({ ...fixed, destination, ...options });
  return { logger, raw, lines: () => raw.map((line) => JSON.parse(line) as Line) };
}

class KindError extends DomainError {
  readonly code = 'some_code';
  constructor(readonly kind: ErrorKind) {
    super('It failed.');
  }
}

const request = {
  method: 'POST',
  path: '/api/v1/agents?draft=1',
  route: '/api/v1/agents',
  status: 201,
  durationMs: 244.96,
};

describe(verifies('FM-77', 'FR-24', 'request lines'), () => {
  it('hold the promised fields and the path without its query', () => {
    const { logger, lines } = recording();
    runWithContext({ correlationId: 'abcd1234' }, () => logger.request({ ...request, userId: 'u1' }));
    expect(lines()).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        service: 'api',
        environment: 'test',
        correlationId: 'abcd1234',
        method: 'POST',
        path: '/api/v1/agents',
        route: '/api/v1/agents',
        status: 201,
        duration_ms: 245,
        user_id: 'u1',
        msg: 'request',
      },
    ]);
  });

  it('are as loud as their status', () => {
    const { logger, lines } = recording();
    for (const status of [200, 302, 404, 401, 403, 500, 503]) logger.request({ ...request, status });
    expect(lines().map(({ level }) => level)).toEqual(['info', 'info', 'info', 'warn', 'warn', 'error', 'error']);
  });

  it('tell the error of a 500 in full, and of a refusal only its code', () => {
    const { logger, lines } = recording();
    logger.request({ ...request, status: 500, code: 'internal', error: new Error('boom') });
    logger.request({ ...request, status: 404, code: 'resource_not_found', error: new Error('boom') });
    expect(lines()[0]).toMatchObject({ code: 'internal', error: { message: 'boom', stack: expect.any(String) } });
    expect(lines()[1]).toMatchObject({ code: 'resource_not_found' });
    expect(lines()[1]).not.toHaveProperty('error');
  });

  it('read in text as one line per request', () => {
    const { logger, raw } = recording({ format: 'text' });
    runWithContext({ correlationId: 'abcd1234' }, () => logger.request(request));
    expect(raw).toHaveLength(1);
    expect(raw[0]).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ info \[abcd1234\] POST \/api\/v1\/agents - 201 \(245ms\)\n$/,
    );
  });
});

describe(verifies('FM-76', 'FR-12', 'log lines'), () => {
  it('carry the correlation id of their work', () => {
    const { logger, lines } = recording();
    runWithContext({ correlationId: 'abcd1234', runId: 'r1' }, () => logger.info('claimed'));
    logger.info('idle');
    expect(lines()[0]).toMatchObject({ correlationId: 'abcd1234', runId: 'r1', msg: 'claimed' });
    expect(lines()[1]).not.toHaveProperty('correlationId');
  });

  it.each([
    ['debug', 4],
    ['info', 3],
    ['warn', 2],
    ['error', 1],
  ] as const)('below %s are not written', (level, count) => {
    const { logger, raw } = recording({ level });
    logger.debug('a');
    logger.info('b');
    logger.warn('c');
    logger.error('d');
    expect(raw).toHaveLength(count);
  });

  it('in text show fields, code and stack', () => {
    const { logger, raw } = recording({ format: 'text' });
    logger.error('run failed', new KindError('upstream'), { runId: 'r1' });
    const [first, second, third] = String(raw[0]).split('\n');
    expect(first).toMatch(/Z error \[-\] run failed runId=r1$/);
    expect(second).toBe('    KindError (some_code): It failed.');
    expect(third).toMatch(/^ {6}at .+logger\.spec\.ts/);
  });

  it('are as loud as the kind of a failure asks for', () => {
    const { logger, lines } = recording();
    for (const kind of ERROR_KINDS) logger.failure('failed', new KindError(kind));
    logger.failure('failed', new Error('boom'));
    const levels = lines().map((line) => [(line['error'] as Line)['kind'], line['level']]);
    expect(levels.filter(([, level]) => level === 'warn')).toEqual([
      ['forbidden', 'warn'],
      ['upstream', 'warn'],
      ['unavailable', 'warn'],
    ]);
    expect(levels.filter(([, level]) => level === 'error')).toEqual([[undefined, 'error']]);
    expect(levels).toHaveLength(ERROR_KINDS.length + 1);
  });
});

describe(verifies('R23', 'K01', 'K03', 'K04', 'AP-12', 'what leaves the process'), () => {
  const hostile = 'a\r\n{"level":"info"}\u2028\u0000\u001b[31m';

  it.each(['json', 'text'] as const)('is one line per event in %s, whatever is logged', (format) => {
    const { logger, raw } = recording({ format });
    runWithContext({ correlationId: hostile, userId: hostile }, () => {
      logger.info(hostile, { tool: hostile, reason: hostile });
      logger.request({ ...request, method: hostile, path: `/${hostile}` });
      logger.warn(hostile, { ip: hostile, email: hostile });
    });
    expect(raw).toHaveLength(3);
    for (const line of raw) {
      // oxlint-disable-next-line no-control-regex -- looks for exactly these
      expect(line.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
      expect(line.endsWith('\n')).toBe(true);
    }
  });

  it('is one JSON line for a hostile error, and forges no line in text', () => {
    for (const format of ['json', 'text'] as const) {
      const { logger, raw } = recording({ format });
      logger.error('failed', new Error(`x\n2025-11-29T10:15:30Z info [-] forged`));
      expect(raw).toHaveLength(1);
      expect(
        String(raw[0])
          .trimEnd()
          .split('\n')
          .slice(1)
          .every((line) => line.startsWith('    ')),
      ).toBe(true);
    }
  });

  it('holds no field that is not known, and none of a wrong type', () => {
    const { logger, raw, lines } = recording();
    const circular: Record<string, unknown> = { headers: { authorization: 'canary' }, status: 'canary', count: 1 };
    circular['self'] = circular;
    logger.info('spread', circular as LogFields);
    expect(raw[0]).not.toContain('canary');
    expect(lines()[0]).toMatchObject({ count: 1, fieldsLeftOut: 3 });
  });

  it('is not fooled by names that every object has', () => {
    const { logger, lines } = recording();
    logger.info('x', JSON.parse('{"__proto__":"a","constructor":"b","toString":"c"}') as LogFields);
    expect(lines()[0]).toMatchObject({ fieldsLeftOut: 3 });
  });

  it('names no person: addresses are masked, IPs hashed', () => {
    const { logger, raw, lines } = recording({ ipSalt: 'one' });
    const other = recording({ ipSalt: 'two' });
    logger.info('link sent', { email: 'jane@example.com', ip: '203.0.113.9' });
    logger.info('again', { ip: '203.0.113.9' });
    other.logger.info('elsewhere', { ip: '203.0.113.9' });
    expect(raw.join('')).not.toMatch(/jane|203\.0\.113/);
    expect(lines()[0]).toMatchObject({ email: 'j***@example.com', ip: expect.stringMatching(/^ip-[0-9a-f]{12}$/) });
    expect(lines()[1]?.['ip']).toBe(lines()[0]?.['ip']);
    expect(other.lines()[0]?.['ip']).not.toBe(lines()[0]?.['ip']);
  });
});

describe(verifies('K05', 'a flood of errors'), () => {
  it('is counted, not written, and takes little time', async () => {
    const { logger, lines } = recording();
    const error = new Error('store is down');
    const started = performance.now();
    for (let count = 0; count < 10_000; count += 1) logger.error('could not store', error);
    expect(performance.now() - started).toBeLessThan(500);
    expect(lines()).toHaveLength(20);
    await logger.flush();
    expect(lines().at(-1)).toMatchObject({ level: 'error', msg: 'could not store', repeated: 9_980 });
  });

  it('does not hide other errors', () => {
    const { logger, lines } = recording();
    for (let count = 0; count < 1_000; count += 1) logger.error('could not store', new Error('x'));
    logger.error('could not send', new Error('x'));
    logger.error('could not store', new TypeError('x'));
    logger.fatal('over');
    expect(lines()).toHaveLength(23);
  });

  it('needs a bounded memory when every message differs', async () => {
    const { logger, lines } = recording();
    for (let count = 0; count < 5_000; count += 1) logger.error(`could not store ${count}`);
    expect(lines().length).toBeLessThan(600);
    await logger.flush();
    expect(lines().at(-1)).toMatchObject({ msg: 'other messages', repeated: 4_480 });
  });
});

describe('another stream than the log', () => {
  it('is JSON whatever the log is, and however quiet it is', () => {
    const { logger, lines } = recording({ level: 'error', format: 'text' });
    logger.stream('audit', { seq: 1, at: new Date(0) });
    expect(lines()).toEqual([
      {
        stream: 'audit',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        service: 'api',
        environment: 'test',
        seq: 1,
        at: '1970-01-01T00:00:00.000Z',
      },
    ]);
  });
});

describe('lines of the framework', () => {
  it('come through the same pipe', () => {
    const { logger, lines } = recording({ level: 'debug' });
    const nest = new NestLogger(logger);
    nest.log('Mapped {/health, GET} route', 'RouterExplorer');
    nest.warn('slow', 'Injector');
    nest.error(new Error('boom'), 'ExceptionHandler');
    nest.error('Error happened', 'Error: inner\n    at x (file.js:1:2)', 'Context');
    nest.log({ password: 'canary' });
    expect(lines()).toMatchObject([
      { level: 'debug', msg: 'Mapped {/health, GET} route', component: 'RouterExplorer' },
      { level: 'warn', component: 'Injector' },
      { level: 'error', component: 'ExceptionHandler', error: { message: 'boom' } },
      { level: 'error', msg: 'Error happened', component: 'Context', error: { message: 'Error: inner' } },
      { level: 'debug', msg: 'a message of type object' },
    ]);
  });
});
