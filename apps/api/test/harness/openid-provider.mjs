import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

/**
 * A certified OpenID provider as a process of its own: `node openid-provider.mjs <redirect uri>`. It prints its address.
 * Whoever signs in as `<address>!<verified or not>!<role>+<role>` is that; a fourth part is what the ID token says is
 * the address, where it is another one than the provider vouches for, or `whole` for an ID token with everything. A message `rotate` gives it other keys.
 */
const [, , redirectUri = ''] = process.argv;

const server = createServer((request, response) => current(request, response));
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

function makeProvider() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), alg: 'RS256', use: 'sig' };
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'flowmate', client_secret: 'a secret between the two', redirect_uris: [redirectUri] }],
    jwks: { keys: [key] },
    cookies: { keys: [randomUUID()] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'realm_access'] },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: (use) => (use === 'userinfo' ? claimsOf(id) : inToken(id)),
    }),
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: true } },
    pkce: { required: () => true },
  });
  return provider.callback();
}

function claimsOf(id) {
  const [email, verified, roles = ''] = id.split('!');
  return {
    sub: id,
    email,
    email_verified: verified === 'verified',
    name: 'Somebody',
    realm_access: { roles: roles.split('+').filter(Boolean) },
  };
}

function inToken(id) {
  const [, , , token] = id.split('!');
  if (token === 'whole') return claimsOf(id);
  return { sub: id, ...(token !== undefined && { email: token }) };
}

let current = makeProvider();
process.on('message', (message) => {
  if (message === 'rotate') current = makeProvider();
  process.send?.('done');
});
process.on('disconnect', () => process.exit(0));
process.send?.(issuer);
