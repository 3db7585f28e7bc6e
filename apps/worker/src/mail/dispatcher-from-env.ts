import { AppEnv, EgressEnv, EncryptionEnv, MailEnv, SignUpEnv, type Environment } from '@flowmate/config';
import { InviteRepository, OutboxRepository, UserRepository, type Database } from '@flowmate/database';
import { Dispatcher, mailerFromEnv, mayReceiveLinks, SealedData, type Mailer } from '@flowmate/mail';
import type { Logger, Metrics } from '@flowmate/observability';

export interface DispatcherSetup {
  readonly env: Environment;
  readonly database: Database;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** What sends mails, as the configuration wants it, and the way out that it uses. */
export function dispatcherFromEnv({ env, database, logger, metrics }: DispatcherSetup): {
  readonly dispatcher: Dispatcher;
  readonly mailer: Mailer;
} {
  const app = env.get(AppEnv);
  const mailer = mailerFromEnv({ app, mail: env.get(MailEnv), egress: env.get(EgressEnv) });
  const [users, invites] = [new UserRepository(database), new InviteRepository(database)];
  const knows = async (address: string): Promise<boolean> =>
    (await users.findByEmail(address)) !== null || invites.isInvited(address, new Date());
  const dispatcher = new Dispatcher({
    repository: new OutboxRepository(database),
    sealed: new SealedData(env.get(EncryptionEnv)),
    mailer,
    mayReceive: mayReceiveLinks(env.get(SignUpEnv), knows),
    keepsContent: !app.isProduction,
    logger,
    metrics,
  });
  return { dispatcher, mailer };
}
