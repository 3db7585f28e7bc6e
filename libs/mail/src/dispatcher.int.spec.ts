import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { AppEnv, DatabaseEnv, EncryptionEnv, loadEnv, SignUpEnv } from '@flowmate/config';
import { Database, Migrator, OutboxRepository, type OutboxMail } from '@flowmate/database';
import { createLogger, Metrics } from '@flowmate/observability';
import { testStores } from '@flowmate/testing';
import { Dispatcher, type MayReceive } from './dispatcher.js';
import { MailError, type Mailer, type MailProblem, type OutgoingMail, type SentMail } from './mail.js';
import { Outbox } from './outbox.js';
import { SealedData } from './sealed-data.js';
import { mayReceiveLinks } from './sign-up-mail.js';

const MINUTE_MS = 60_000;
const LINK = { url: 'https://app.example.com/sign-in#token=canary-5e1d', minutes: 10 };

/** A way out that does what the test says, and remembers. */
class PlayedMailer implements Mailer {
  readonly name = 'played';
  readonly sent: OutgoingMail[] = [];
  problem: MailProblem | undefined;
  /** Called when the mail is out, and before anybody could say so. */
  afterSending: () => Promise<void> = () => Promise.resolve();

  async send(mail: OutgoingMail): Promise<SentMail> {
    if (this.problem) throw new MailError(this.problem);
    this.sent.push(mail);
    await this.afterSending();
    return { messageId: `<${mail.id}@test>` };
  }

  check(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

describe('the outbox and who empties it', () => {
  const variables = {
    MONGODB_URI: testStores().mongoUri,
    MONGODB_DATABASE: `test_${randomUUID().slice(0, 8)}`,
    INTEGRATION_ENC_KEY: randomBytes(32).toString('hex'),
  };
  const env = loadEnv([AppEnv, DatabaseEnv, EncryptionEnv], { variables });
  const lines: string[] = [];
  const logger = createLogger({
    level: 'info',
    format: 'text',
    service: 'test',
    environment: 'test',
    destination: { write: (line) => void lines.push(line) },
  });
  const settings = env.get(DatabaseEnv);
  const database = new Database({ app: env.get(AppEnv), settings, role: 'worker', logger });
  const repository = new OutboxRepository(database);
  const sealedWith = (keys: Record<string, string>): SealedData =>
    new SealedData(loadEnv([EncryptionEnv], { variables: keys }).get(EncryptionEnv));
  const sealed = sealedWith(variables);
  let rung: string[];
  let mailer: PlayedMailer;
  /** How far the clock of the store is ahead of its real one. */
  let aheadMs: number;
  let metrics: Metrics;

  beforeAll(async () => {
    await database.connect();
    await new Migrator(database).up();
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    [rung, mailer, aheadMs, metrics] = [[], new PlayedMailer(), 0, new Metrics()];
    lines.length = 0;
    // What other tests left is finished.
    await dispatcher({ at: 365 * 24 * 60 * MINUTE_MS }).dispatchDue();
    mailer.sent.length = 0;
  });

  const outbox = new Outbox({ repository, sealed, ring: (id) => void rung.push(id) });
  const put = (notAfter?: Date): Promise<string> =>
    outbox.put('sign-in', 'ada@example.com', LINK, notAfter ? { notAfter } : {});

  function dispatcher(
    more: { at?: number; mayReceive?: MayReceive; keepsContent?: boolean; sealed?: SealedData } = {},
  ): Dispatcher {
    const clocked = Object.create(repository, {
      now: { value: async () => new Date((await repository.now()).getTime() + (more.at ?? aheadMs)) },
    }) as OutboxRepository;
    const { mayReceive = () => Promise.resolve(true), keepsContent = false } = more;
    return new Dispatcher({
      repository: clocked,
      sealed: more.sealed ?? sealed,
      mailer,
      mayReceive,
      keepsContent,
      logger,
      metrics: new Metrics(),
    });
  }
  const stored = async (id: string): Promise<OutboxMail> =>
    (await repository.latest(200)).find((mail) => mail.id === id)!;

  it('brings the others to their end when one of them cannot be written', async () => {
    const broken = await outbox.put('sign-in', 'eve@example.com', { ...LINK, url: 'no address' });
    const whole = await put();
    mailer.afterSending = () => delay(50);
    await expect(dispatcher().dispatchDue()).rejects.toThrow('Invalid URL');
    const ends = [await stored(whole), await stored(broken)];
    await repository.eraseTo('eve@example.com');
    expect(ends).toMatchObject([{ status: 'sent' }, { status: 'due', attempts: 1 }]);
  });

  it('asks once while nothing waits', async () => {
    const asked: string[] = [];
    const counted = {
      waitingSince: () => {
        asked.push('waitingSince');
        return repository.waitingSince();
      },
    } as unknown as OutboxRepository;
    const parts = { sealed, mailer, mayReceive: () => Promise.resolve(true), keepsContent: false, logger, metrics };
    await new Dispatcher({ ...parts, repository: counted }).dispatchDue();
    expect(asked).toEqual(['waitingSince']);
  });

  it('sends what was put, says so, and forgets what it said', async () => {
    const id = await put();
    expect(rung).toEqual([id]);
    await dispatcher().dispatch(id);
    expect(mailer.sent).toMatchObject([{ id, to: 'ada@example.com', text: expect.stringContaining(LINK.url) }]);
    const after = await stored(id);
    expect(after).toMatchObject({ status: 'sent', attempts: 1, sealed: null, messageId: `<${id}@test>` });
    expect(after.sentAt!.getTime()).toBeGreaterThanOrEqual(after.createdAt.getTime());
    await dispatcher().dispatch(id);
    expect(mailer.sent).toHaveLength(1);
  });

  it('keeps what it said where the mailbox shows it', async () => {
    const id = await put();
    await dispatcher({ keepsContent: true }).dispatch(id);
    expect((await stored(id)).sealed).not.toBeNull();
  });

  it('keeps nothing of a mail in clear in the store, and nothing of anybody in the log', async () => {
    const id = await put();
    expect(JSON.stringify(await stored(id))).not.toContain('canary-5e1d');
    mailer.problem = 'busy';
    await dispatcher().dispatch(id);
    expect(lines.join()).toContain('a mail was not taken');
    expect(lines.join()).not.toMatch(/canary-5e1d|ada@/);
  });

  it('sends a mail once, however many empty it at once', async () => {
    const ids = await Promise.all(Array.from({ length: 25 }, () => put()));
    await Promise.all(Array.from({ length: 4 }, () => dispatcher().dispatchDue()));
    expect(mailer.sent.map(({ id }) => id).sort()).toEqual([...ids].sort());
    await dispatcher().dispatchDue();
    expect(mailer.sent).toHaveLength(25);
  });

  it('sends again with the same id what a crash left between sending and its record, and not before a minute', async () => {
    const id = await put();
    mailer.afterSending = () => Promise.reject(new Error('killed'));
    await expect(dispatcher().dispatch(id)).rejects.toThrow('killed');
    mailer.afterSending = () => Promise.resolve();
    aheadMs = MINUTE_MS - 5_000;
    await dispatcher().dispatchDue();
    expect(mailer.sent).toHaveLength(1);
    aheadMs = MINUTE_MS + 1_000;
    await dispatcher().dispatchDue();
    expect(mailer.sent.map((mail) => mail.id)).toEqual([id, id]);
    expect(await stored(id)).toMatchObject({ status: 'sent', attempts: 2 });
  });

  it('lets the one that was overtaken change nothing', async () => {
    const id = await put();
    mailer.afterSending = async () => {
      mailer.afterSending = () => Promise.resolve();
      await dispatcher({ at: MINUTE_MS + 1_000 }).dispatchDue();
      await expect(stored(id)).resolves.toMatchObject({ status: 'sent', attempts: 2 });
    };
    await dispatcher().dispatch(id);
    expect(await stored(id)).toMatchObject({ status: 'sent', attempts: 2 });
  });

  it('tries again after 1, 2, 5, 15 minutes, 1, 3 and 6 hours, and then gives up', async () => {
    const id = await put();
    mailer.problem = 'unreachable';
    for (const minutes of [1, 2, 5, 15, 60, 180, 360]) {
      const now = (await repository.now()).getTime() + aheadMs;
      await dispatcher().dispatchDue();
      const { dueAt, status, lastError } = await stored(id);
      expect([status, lastError]).toEqual(['due', 'unreachable']);
      expect(Math.abs(dueAt.getTime() - now - minutes * MINUTE_MS)).toBeLessThan(2_000);
      aheadMs += minutes * MINUTE_MS + 2_000;
    }
    await dispatcher().dispatchDue();
    expect(await stored(id)).toMatchObject({ status: 'failed', lastError: 'unreachable', attempts: 8, sealed: null });
  });

  it('does not try again what was refused for good', async () => {
    const id = await put();
    mailer.problem = 'refused';
    await dispatcher().dispatch(id);
    expect(await stored(id)).toMatchObject({ status: 'failed', lastError: 'refused', attempts: 1 });
  });

  it('sends no link that is dead, and waits for no try after its end', async () => {
    const dead = await put(new Date(Date.now() - 1_000));
    const dying = await put(new Date(Date.now() + 30_000));
    mailer.problem = 'busy';
    await dispatcher().dispatchDue();
    expect(await stored(dead)).toMatchObject({ status: 'dropped', lastError: 'too_late' });
    expect(await stored(dying)).toMatchObject({ status: 'failed', lastError: 'busy', attempts: 1 });
    expect(mailer.sent).toEqual([]);
  });

  it('drops links to people who may not sign up, and only links', async () => {
    const link = await put();
    const notice = await outbox.put('security-notice', 'ada@example.com', {
      event: 'sessions_ended',
      at: '2026-01-31T10:00:00.000Z',
    });
    await dispatcher({ mayReceive: () => Promise.resolve(false) }).dispatchDue();
    expect(await stored(link)).toMatchObject({ status: 'dropped', lastError: 'sign_up_closed', sealed: null });
    expect(await stored(notice)).toMatchObject({ status: 'sent' });
    expect(mailer.sent.map(({ id }) => id)).toEqual([notice]);
  });

  it('sends what was put before the key was changed', async () => {
    const before = randomBytes(32).toString('hex');
    const old = new Outbox({ repository, sealed: sealedWith({ INTEGRATION_ENC_KEY: before }), ring: () => undefined });
    const waiting = await old.put('sign-in', 'ada@example.com', LINK);
    const changed = sealedWith({ ...variables, INTEGRATION_ENC_KEY_PREVIOUS: before });
    await dispatcher({ sealed: changed }).dispatchDue();
    expect(await stored(waiting)).toMatchObject({ status: 'sent' });
    expect(mailer.sent.map(({ id }) => id)).toEqual([waiting]);
  });

  it('gives up what does not open, and leaves to a newer version what it does not know', async () => {
    const other = sealedWith({ INTEGRATION_ENC_KEY: randomBytes(32).toString('hex') });
    const broken = await new Outbox({ repository, sealed: other, ring: () => undefined }).put(
      'sign-in',
      'a@x.io',
      LINK,
    );
    const newer = `${broken.slice(0, -1)}${broken.endsWith('0') ? '1' : '0'}`;
    await repository.insert({ id: newer, kind: 'of-tomorrow', to: 'a@x.io', sealed: 'v1.x' });
    await dispatcher().dispatchDue();
    expect(await stored(broken)).toMatchObject({ status: 'failed', lastError: 'unreadable' });
    expect(await stored(newer)).toMatchObject({ status: 'due', attempts: 1 });
  });

  it('is put once, however often the same mail is put', async () => {
    const id = await put();
    await dispatcher().dispatch(id);
    await repository.insert({ id, kind: 'sign-in', to: 'evil@example.com', sealed: 'v1.x' });
    await dispatcher().dispatchDue();
    expect(mailer.sent).toHaveLength(1);
    expect(await stored(id)).toMatchObject({ to: 'ada@example.com' });
  });

  it('tells how late the oldest one is, and what became of mails', async () => {
    for (const others of ['ada@example.com', 'a@x.io']) await repository.eraseTo(others);
    await put();
    const late = Object.create(repository, {
      now: { value: async () => new Date((await repository.now()).getTime() + 90_000) },
    }) as OutboxRepository;
    mailer.problem = 'busy';
    const mayReceive = (): Promise<boolean> => Promise.resolve(true);
    const stop = new AbortController();
    const duty = new Dispatcher({ repository: late, sealed, mailer, mayReceive, keepsContent: false, logger, metrics });
    stop.abort();
    await duty.dispatchDue(stop.signal);
    expect(await metrics.text()).toMatch(/flowmate_mail_oldest_waiting_seconds 9\d/);
    expect(mailer.sent).toEqual([]);
    await duty.dispatchDue();
    const text = await metrics.text();
    expect(text).toContain('flowmate_mails_total{kind="sign-in",outcome="retried"} 1');
    // It is not due, and yet it waits.
    expect(text).toMatch(/flowmate_mail_oldest_waiting_seconds 9\d/);
    mailer.problem = undefined;
    await dispatcher({ at: 10 * MINUTE_MS }).dispatchDue();
    await duty.dispatchDue();
    expect(await metrics.text()).toMatch(/flowmate_mail_oldest_waiting_seconds 0\b/);
  });
});

describe('who may get a link', () => {
  interface Row {
    readonly is: string;
    readonly variables: Record<string, string>;
    readonly address?: string;
    readonly known?: readonly string[];
    readonly may: boolean;
  }
  const domains = { SIGNUP: 'domains', SIGNUP_DOMAINS: 'x.io' };
  const rows: readonly Row[] = [
    { is: 'everybody where sign-up is open', variables: { SIGNUP: 'open' }, may: true },
    { is: 'nobody new where it is by invitation', variables: { SIGNUP: 'invite' }, may: false },
    { is: 'who is known', variables: { SIGNUP: 'invite' }, known: ['a@x.io'], may: true },
    { is: 'the admin to be', variables: { SIGNUP: 'invite', ADMIN_EMAIL: 'a@x.io' }, may: true },
    { is: 'an address of a domain', variables: domains, may: true },
    { is: 'not one of a subdomain', variables: domains, address: 'a@b.x.io', may: false },
    { is: 'not one of a domain that ends alike', variables: domains, address: 'a@ax.io', may: false },
    { is: 'nobody of a domain that is not meant', variables: { ...domains, SIGNUP: 'invite' }, may: false },
  ];

  it.each(rows)('is $is', async ({ variables, address = 'a@x.io', known = [], may }) => {
    const signUp = loadEnv([SignUpEnv], { variables }).get(SignUpEnv);
    const mayReceive = mayReceiveLinks(signUp, (asked) => Promise.resolve(known.includes(asked)));
    expect(await mayReceive(address)).toBe(may);
  });
});
