import { Module } from '@nestjs/common';
import { AuditLog } from '@flowmate/audit';
import { AppEnv, EgressEnv, EncryptionEnv, integrationKeys, OidcEnv } from '@flowmate/config';
import { OidcFlowRepository, UserRepository } from '@flowmate/database';
import { AccountService, SessionService, systemClock as clock } from '@flowmate/identity';
import { Logger } from '@flowmate/observability';
import { PublicAddress } from '../../mail/public-address.js';
import { IdentityModule } from '../identity.module.js';
import { OidcController } from './oidc.controller.js';
import { OidcProvider } from './oidc-provider.js';
import { OidcRoles } from './oidc-roles.js';
import { OidcService } from './oidc.service.js';

type Settings = Pick<ConstructorParameters<typeof OidcService>[0], 'provider' | 'roles' | 'secrets' | 'redirectUri'>;

const SETTINGS = Symbol('oidc settings');

@Module({
  imports: [IdentityModule],
  controllers: [OidcController],
  providers: [
    {
      provide: SETTINGS,
      inject: [AppEnv, EgressEnv, OidcEnv, EncryptionEnv, PublicAddress],
      useFactory: (
        ...[app, egress, oidc, encryption, address]: [AppEnv, EgressEnv, OidcEnv, EncryptionEnv, PublicAddress]
      ): Settings => {
        return {
          provider: OidcProvider.fromEnv({ app, egress, oidc }),
          roles: new OidcRoles(oidc.roleClaim, oidc.roles),
          secrets: integrationKeys(encryption),
          redirectUri: `${address.origin}/api/v1/auth/oidc/callback`,
        };
      },
    },
    {
      provide: OidcService,
      inject: [SETTINGS, OidcFlowRepository, UserRepository, AccountService, SessionService, AuditLog, Logger],
      useFactory: (
        ...[settings, flows, users, accounts, sessions, audit, logger]: [
          Settings,
          OidcFlowRepository,
          UserRepository,
          AccountService,
          SessionService,
          AuditLog,
          Logger,
        ]
      ) => {
        const onError = (error: unknown): void => logger.error('a sign-in could not be recorded', error);
        return new OidcService({ ...settings, flows, users, accounts, sessions, audit, onError, clock });
      },
    },
  ],
})
export class OidcModule {}
