import { Global, Module } from '@nestjs/common';
import { EncryptionEnv } from '@flowmate/config';
import { OutboxRepository } from '@flowmate/database';
import { Outbox, SealedData } from '@flowmate/mail';
import { Metrics } from '@flowmate/observability';
import { JobProducer, MAIL_DISPATCH_JOB } from '@flowmate/queue';
import { Redis } from '@flowmate/redis';
import { PublicAddress } from './public-address.js';

/** A bell: best effort and never waited for. A worker looks by itself every few seconds. */
const ringWith =
  (producer: JobProducer) =>
  (outboxId: string): void =>
    void producer.add(MAIL_DISPATCH_JOB, { id: `mail-${outboxId}`, payload: { outboxId } }).catch(() => undefined);

/** The outbox, for whatever has something to say to people. */
@Global()
@Module({
  providers: [
    PublicAddress,
    {
      provide: JobProducer,
      inject: [Redis, Metrics],
      useFactory: (redis: Redis, metrics: Metrics) => new JobProducer(redis, metrics),
    },
    {
      provide: SealedData,
      inject: [EncryptionEnv],
      useFactory: (encryption: EncryptionEnv) => new SealedData(encryption),
    },
    {
      provide: Outbox,
      inject: [OutboxRepository, SealedData, JobProducer],
      useFactory: (repository: OutboxRepository, sealed: SealedData, producer: JobProducer) =>
        new Outbox({ repository, sealed, ring: ringWith(producer) }),
    },
  ],
  exports: [JobProducer, PublicAddress, SealedData, Outbox],
})
export class MailModule {}
