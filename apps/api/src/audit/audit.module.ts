import { Global, Module } from '@nestjs/common';
import { AuditChain, AuditLog, AuditReader, auditStream } from '@flowmate/audit';
import { AuditEnv, EncryptionEnv, integrationKeys } from '@flowmate/config';
import { AuditRepository } from '@flowmate/database';
import { Logger } from '@flowmate/observability';
import { AuditController } from './audit.controller.js';
import { AuditService } from './audit.service.js';

/** The one log of this process: everybody records through it, so that what waits for a trail is added together. */
@Global()
@Module({
  controllers: [AuditController],
  providers: [
    AuditService,
    {
      provide: AuditLog,
      inject: [AuditRepository, EncryptionEnv, AuditEnv, Logger],
      useFactory: (repository: AuditRepository, encryption: EncryptionEnv, env: AuditEnv, logger: Logger) => {
        const { current, previous } = integrationKeys(encryption);
        const chain = new AuditChain(current, previous);
        return new AuditLog({ repository, chain, sink: env.log === 'on' ? auditStream(logger) : undefined });
      },
    },
    {
      provide: AuditReader,
      inject: [AuditRepository],
      useFactory: (repository: AuditRepository) => new AuditReader(repository),
    },
  ],
  exports: [AuditLog],
})
export class AuditModule {}
