import { AppEnv, EgressEnv, loadEnv } from '@flowmate/config';
import { UrlNotAllowedError, egressFromEnv, type EgressClient } from './index.js';

const LOCAL = 'http://127.0.0.1:8025';

function client(variables: Record<string, string>, trusted?: string[]): EgressClient {
  const env = loadEnv([AppEnv, EgressEnv], { variables });
  return egressFromEnv({ app: env.get(AppEnv), egress: env.get(EgressEnv), ...(trusted ? { trusted } : {}) });
}

describe('the outbound client of a configuration', () => {
  it('reaches an origin of EGRESS_ALLOW in development, and no other place on the machine', () => {
    const egress = client({ EGRESS_ALLOW: LOCAL });
    expect(egress.checkUrl(`${LOCAL}/mail`).origin).toBe(LOCAL);
    expect(() => egress.checkUrl('http://127.0.0.1:8026/mail')).toThrow(UrlNotAllowedError);
  });

  it('is refused EGRESS_ALLOW at boot in production', () => {
    expect(() => loadEnv([AppEnv, EgressEnv], { variables: { NODE_ENV: 'production', EGRESS_ALLOW: LOCAL } })).toThrow(
      expect.objectContaining({
        exitCode: 78,
        problems: [{ name: 'EGRESS_ALLOW', rule: 'must not be set in production' }],
      }),
    );
  });

  it('speaks plain http to the public outside production only', () => {
    expect(client({}).checkUrl('http://example.com/').protocol).toBe('http:');
    expect(() => client({ NODE_ENV: 'production' }).checkUrl('http://example.com/')).toThrow(UrlNotAllowedError);
  });

  it('trusts what the operator configured for this use, in production too', () => {
    expect(
      client({ NODE_ENV: 'production' }, ['https://models.internal:8443']).checkUrl('https://models.internal:8443/v1')
        .port,
    ).toBe('8443');
  });
});
