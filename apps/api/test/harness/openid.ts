import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** The provider's process, and a browser that signs in there. */
export class OpenIdProvider {
  private constructor(
    private readonly child: ChildProcess,
    readonly issuer: string,
  ) {}

  static async start(redirectUri: string): Promise<OpenIdProvider> {
    const child = fork(join(__dirname, 'openid-provider.mjs'), [redirectUri], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: [],
    });
    const [issuer] = await once(child, 'message');
    return new OpenIdProvider(child, String(issuer));
  }

  /** Other keys from now on, as after a rotation. */
  async rotate(): Promise<void> {
    this.child.send('rotate');
    await once(this.child, 'message');
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.disconnect();
    await ended;
  }

  /** Goes where the api sends a browser, signs in as somebody, agrees, and answers where the provider sends it back. */
  async signIn(authorizationUrl: string, account: string): Promise<URL> {
    const jar = new Map<string, string>();
    let next = new URL(authorizationUrl);
    let form: string | undefined;
    for (let step = 0; step < 20; step++) {
      if (!next.href.startsWith(this.issuer)) return next;
      const response = await fetch(next, {
        method: form === undefined ? 'GET' : 'POST',
        redirect: 'manual',
        headers: {
          cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
          ...(form !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
        },
        ...(form !== undefined && { body: form }),
      });
      for (const cookie of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
        jar.set(name, value);
      }
      const location = response.headers.get('location');
      const page = await response.text();
      form = location === null ? formOf(page, account) : undefined;
      next = location === null ? new URL(actionOf(page), next) : new URL(location, next);
    }
    throw new Error('The provider does not let anybody in.');
  }
}

const actionOf = (page: string): string => {
  const [, action] = /<form[^>]* action="([^"]+)"/.exec(page) ?? [];
  if (action === undefined) throw new Error(`The provider shows no form: ${page.slice(0, 500)}`);
  return action;
};

const formOf = (page: string, account: string): string =>
  page.includes('name="login"')
    ? new URLSearchParams({ prompt: 'login', login: account, password: 'any' }).toString()
    : new URLSearchParams({ prompt: 'consent' }).toString();
