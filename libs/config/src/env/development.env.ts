import type { Secret } from '../secret.js';
import { FromEnv } from '../setting.js';
import { boolean, secret } from '../setting-kinds.js';
import { IsStrongSecret } from '../validators.js';

/** What only development has. Each of these would let strangers in elsewhere. */
export class DevelopmentEnv {
  static readonly title = 'Development (api)';

  static rules(env: DevelopmentEnv, production: boolean): Array<{ name: string; rule: string }> {
    if (!production) return [];
    return [
      ...(env.mailbox === true ? ['DEV_MAILBOX'] : []),
      ...(env.linkSecret !== undefined ? ['DEV_LINK_SECRET'] : []),
    ].map((name) => ({ name, rule: 'must not be set in production' }));
  }

  @FromEnv('DEV_MAILBOX', {
    kind: boolean,
    doc: 'Shows all mails on the page /dev/mailbox, to this machine only. Production refuses it.',
    defaultDoc: 'true where NODE_ENV is development, otherwise false',
  })
  mailbox: boolean | undefined;

  @FromEnv('DEV_LINK_SECRET', {
    kind: secret,
    doc: 'Whoever shows it gets a sign-in link that is bound to no browser. `npm start` makes one for each start. Production refuses it.',
  })
  @IsStrongSecret()
  linkSecret: Secret | undefined;
}
