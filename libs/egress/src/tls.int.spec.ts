import tls from 'node:tls';
import { type Certificate, selfSigned } from '../test/certificate.js';
import { setEnvironment } from '../test/environment.js';
import { provider, secureProvider } from '../test/provider.js';
import { EgressClient } from './egress.client.js';

const NAME = 'provider.example.com';

/** Both exist since Node 24.5; the types are older. */
interface TlsWithDefaults {
  getCACertificates(type: 'default'): string[];
  setDefaultCACertificates(certificates: readonly string[]): void;
}

const defaults = tls as unknown as TlsWithDefaults;
const before = defaults.getCACertificates('default');

const trust = ({ cert }: Certificate): void => defaults.setDefaultCACertificates([...before, cert]);
const clients: EgressClient[] = [];

/** The real connector; only the name is resolved by us. A trusted origin skips the address check and nothing else. */
function clientFor(...trustedOrigins: string[]): EgressClient {
  const client = new EgressClient({ trustedOrigins, resolve: () => Promise.resolve(['127.0.0.1']) });
  clients.push(client);
  return client;
}

afterEach(async () => {
  defaults.setDefaultCACertificates(before);
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

describe('TLS', () => {
  it('sends the name, verifies it and talks to the pinned address', async () => {
    const certificate = selfSigned(NAME);
    trust(certificate);
    const names: unknown[] = [];
    await using side = await secureProvider(certificate, (request, response) => {
      names.push((request.socket as tls.TLSSocket & { servername?: string }).servername, request.headers.host);
      response.end('ok');
    });
    const origin = `https://${NAME}:${side.port}`;
    const response = await clientFor(origin).request({ url: `${origin}/` });
    expect(await response.text()).toBe('ok');
    expect(names).toEqual([NAME, `${NAME}:${side.port}`]);
  });

  it.each([
    ['nobody vouches for', selfSigned(NAME), false],
    ['is for another name', selfSigned('other.example.com'), true],
    ['has expired', selfSigned(NAME, -1), true],
  ])('refuses a certificate that %s, with no override', async (_title, certificate, isTrusted) => {
    if (isTrusted) trust(certificate);
    let served = 0;
    await using side = await secureProvider(certificate, (_request, response) => {
      served += 1;
      response.end();
    });
    const origin = `https://${NAME}:${side.port}`;
    using _insecure = setEnvironment({ NODE_TLS_REJECT_UNAUTHORIZED: '0' });
    await expect(clientFor(origin).request({ url: origin, method: 'POST' })).rejects.toMatchObject({
      code: 'upstream_unreachable',
      ambiguous: false,
    });
    expect(served).toBe(0);
  });

  it('compares the certificate with the address when the host is a literal', async () => {
    const certificate = selfSigned(NAME);
    trust(certificate);
    await using side = await secureProvider(certificate, (_request, response) => response.end());
    await expect(clientFor(side.origin).request({ url: side.origin })).rejects.toMatchObject({
      code: 'upstream_unreachable',
      cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    });
  });

  it('Y07 does not follow a redirect from https to http', async () => {
    const certificate = selfSigned(NAME);
    trust(certificate);
    await using plain = await provider((_request, response) => response.end('reached'));
    await using side = await secureProvider(certificate, (_request, response) => {
      response.writeHead(302, { location: plain.origin }).end();
    });
    const origin = `https://${NAME}:${side.port}`;
    const client = clientFor(origin, plain.origin);
    expect((await client.request({ url: origin })).status).toBe(302);
    expect((await client.fetch(origin, { redirect: 'follow' })).status).toBe(302);
    expect(plain.connections()).toBe(0);
  });
});
