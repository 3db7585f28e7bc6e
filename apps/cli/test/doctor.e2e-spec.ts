import { SmtpServer } from '../../../libs/mail/test/smtp-server.js';
import { RedisServer } from '../../../libs/redis/test/redis-server.js';
import { flowmate } from './harness/flowmate.js';
import { InstanceUnderTest, KEYS } from './harness/instance.js';

interface Diagnosis {
  readonly ok: boolean;
  readonly findings: ReadonlyArray<{ check: string; status: string; says: string; todo?: string }>;
}

const CHECKS = 'configuration keys mongodb migrations indexes clock workers audit redis mail'.split(' ');

describe('flowmate doctor', () => {
  const instance = new InstanceUnderTest();
  const evicting = new RedisServer('redis-server');
  const embedded = new RedisServer('embedded');
  beforeAll(async () => {
    await instance.start();
    await evicting.start(['--maxmemory', '64mb', '--maxmemory-policy', 'allkeys-lru']);
    await embedded.start();
  });
  afterAll(async () => {
    await evicting.dispose();
    await embedded.dispose();
    await instance.store.dispose();
  });
  beforeEach(() => instance.beat());

  const diagnose = async (variables: Record<string, string> = {}): Promise<Diagnosis & { code: number | null }> => {
    const { code, out, err } = await instance.flowmate('doctor', variables);
    expect(err).toBe('');
    const secrets = Object.entries({ ...KEYS, ...variables }).filter(([name]) => /SECRET|KEY|UR[IL]$/.test(name));
    for (const [, secret] of secrets.filter(([, value]) => value !== '')) expect(out).not.toContain(secret);
    return { code, ...(JSON.parse(out) as Diagnosis) };
  };
  const failures = ({ findings }: Diagnosis): string[] =>
    findings.filter(({ status }) => status === 'fail').map(({ check, says }) => `${check}: ${says}`);

  it('says which stores are not there, and does not guess about the rest', async () => {
    const gone = { MONGODB_URI: 'mongodb://user:pa55word@127.0.0.1:1', REDIS_URL: 'redis://:pa55word@127.0.0.1:1' };
    const diagnosis = await diagnose(gone);
    expect(diagnosis.code).toBe(1);
    expect(failures(diagnosis)).toEqual([
      expect.stringMatching(/^mongodb: .*nothing listens/),
      expect.stringMatching(/^redis: .*nothing listens/),
    ]);
    expect(JSON.stringify(diagnosis)).not.toContain('pa55word');
    const skipped = diagnosis.findings.filter(({ status }) => status === 'skipped').map(({ check }) => check);
    expect(skipped).toEqual(['migrations', 'indexes', 'clock', 'workers', 'audit']);
  });

  it('finds nothing wrong with a healthy system, and looks at everything', async () => {
    const { code, ok, findings } = await diagnose();
    expect({ code, ok }).toEqual({ code: 0, ok: true });
    expect(findings.map(({ check, status }) => `${check} ${status}`)).toEqual(CHECKS.map((check) => `${check} ok`));
  });

  it('tells it in lines when a person asks', async () => {
    const { code, out } = await flowmate(['doctor', '--no-json'], instance.settings);
    expect(code).toBe(0);
    expect(out).toMatch(/^ok {2}configuration {2}every setting can be used\nok {2}keys {11}all there, and strong\n/);
    expect(out).toMatch(/\nNothing fails\.\n$/);
  });

  it('finds three things that are broken at once, and says what to do about each', async () => {
    const audit = (await instance.store.db()).collection('audit');
    await audit.dropIndex('trail_1_at_1');
    const broken = { JWT_SECRET: 'too-short', REDIS_URL: evicting.url() };
    const diagnosis = await diagnose(broken);
    const text = await instance.flowmate('doctor --no-json', broken);
    await audit.createIndex({ trail: 1, at: 1 });
    expect(diagnosis).toMatchObject({ code: 78, ok: false });
    expect(failures(diagnosis)).toEqual([
      'keys: JWT_SECRET: must be at least 32 bytes',
      'indexes: audit (trail, at) is missing',
      'redis: throws keys away when its memory is full (allkeys-lru): jobs can be lost',
    ]);
    expect(text.code).toBe(78);
    expect(text.out).toContain('→ In mongosh: db.audit.createIndex({"trail":1,"at":1})');
    expect(text.out).toContain('→ Make one with `openssl rand -hex 32`');
    expect(text.out).toContain('→ Set its maxmemory-policy to noeviction');
    expect(text.out).toMatch(/\n3 things fail\.\n$/);
  });

  it('ends with 1 when something fails that no setting mends', async () => {
    const entries = await instance.entries();
    await instance.audit.record({
      trail: 'instance',
      action: 'instance.locked',
      actor: { kind: 'system' },
      outcome: 'done',
    });
    await entries.updateOne({ seq: 1 }, { $set: { outcome: 'failed' } });
    await (
      await instance.store.db()
    )
      .collection('canaries')
      .updateMany({}, { $set: { at: new Date(Date.now() - 120_000) } });
    const diagnosis = await diagnose();
    await entries.updateOne({ seq: 1 }, { $set: { outcome: 'done' } });
    expect(diagnosis.code).toBe(1);
    expect(failures(diagnosis)).toEqual([
      expect.stringMatching(/^workers: the last job went round 1\d\d s ago$/),
      'audit: 1 of the last 1 entries of the instance does not hold',
    ]);
  });

  it('names every setting that is wrong, and migrations that did not run', async () => {
    const wrong = await diagnose({ LOG_LEVEL: 'loud', PORT: '99999999', MONGODB_DATABASE: 'test_doctor_empty' });
    expect(wrong.code).toBe(78);
    expect(failures(wrong).join('\n')).toMatch(/configuration: PORT: .*\n(.*\n)*configuration: LOG_LEVEL: /);
    expect(failures(wrong)).toContainEqual(expect.stringMatching(/^migrations: 0001, .* did not run yet$/));
    expect(failures(wrong)).toContain('workers: no job ever went round');
  });

  it('asks a mail server whether it lets us in, and sends nothing', async () => {
    const server = new SmtpServer();
    const port = await server.listen();
    const mail = { SMTP_URL: `smtp://user:pa55word@127.0.0.1:${port}`, RESEND_FROM_EMAIL: 'mail@example.com' };
    const good = await diagnose(mail);
    server.answers = { AUTH: '535 no' };
    const refused = await diagnose(mail);
    await server.close();
    expect({ code: good.code, last: good.findings.at(-1) }).toEqual({
      code: 0,
      last: { check: 'mail', status: 'ok', says: 'smtp answers' },
    });
    expect(failures(refused)).toEqual(['mail: smtp refuses the login']);
    expect(server.received).toEqual([]);
  });

  it('refuses for production what is only for development', async () => {
    const production = await diagnose({ NODE_ENV: 'production', INTEGRATION_ENC_KEY: '' });
    expect(production.code).toBe(78);
    const failed = failures(production);
    expect(failed).toContain('keys: INTEGRATION_ENC_KEY: is required in production');
    expect(failed).toContainEqual(expect.stringMatching(/^configuration: PUBLIC_APP_URL: is required in production$/));
  });

  it('says where a Redis is that of npm start, and refuses it for production', async () => {
    const [there, production] = [
      await diagnose({ REDIS_URL: embedded.url() }),
      await diagnose({ REDIS_URL: embedded.url(), NODE_ENV: 'production' }),
    ];
    const redis = ({ findings }: Diagnosis) => findings.find(({ check }) => check === 'redis');
    expect(redis(there)).toMatchObject({ status: 'ok', says: expect.stringContaining('not for production') });
    expect(failures(production)).toContainEqual(
      expect.stringMatching(/^redis: REDIS_URL: names the embedded Redis of `npm start`/),
    );
    expect(production.code).toBe(78);
  });

  it('finds a mail server that does not answer', async () => {
    const mail = { SMTP_URL: 'smtp://user:pa55word@127.0.0.1:1', RESEND_FROM_EMAIL: 'mail@example.com' };
    const diagnosis = await diagnose(mail);
    expect({ code: diagnosis.code, failures: failures(diagnosis) }).toEqual({
      code: 1,
      failures: ['mail: smtp cannot be reached'],
    });
  });

  it('misses the trail of the instance when it was taken away as a whole', async () => {
    const heads = (await instance.store.db()).collection('audit_heads');
    await instance.answer('users create root@example.com --role admin');
    expect((await diagnose()).ok).toBe(true);
    await heads.deleteMany({});
    await (await instance.entries()).deleteMany({});
    expect(failures(await diagnose())).toEqual(['audit: the trail of the instance is gone']);
    const verified = await instance.flowmate('audit verify --all');
    expect(verified.code).toBe(1);
    expect(JSON.parse(verified.out)).toMatchObject({
      trails: [{ trail: 'instance', ok: false, problems: [{ seq: 0, problem: 'head_missing' }] }],
    });
  });
});
