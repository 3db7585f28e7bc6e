import { createHash } from 'node:crypto';
import { fastify } from 'fastify';
import { JwtService } from '@nestjs/jwt';
import { AppEnv, loadEnv, RedisEnv } from '@flowmate/config';
import { createLogger } from '@flowmate/observability';
import { Redis, SlidingWindow } from '@flowmate/redis';

/**
 * The yardstick: Fastify with its own log that does by hand what has to be done for such a request, and nothing else:
 * verifies the token (or looks the hash of a key up in memory), counts in the same window in the same Redis, answers as much.
 */
const env = loadEnv([AppEnv, RedisEnv]);
const secret = process.env['JWT_SECRET'] ?? '';
const limit = Number(process.env['BARE_LIMIT']);
const logger = createLogger({ level: 'error', format: 'json', service: 'bare', environment: 'test' });
const redis = new Redis({ app: env.get(AppEnv), settings: env.get(RedisEnv), logger });
await redis.connect();
const window = new SlidingWindow(redis, 250);
const jwt = new JwtService({});
const keys = new Map<string, string>();

function userOf(authorization = ''): string {
  const token = authorization.slice('Bearer '.length);
  if (!token.startsWith('fm_live_')) {
    const options = { secret, algorithms: ['HS256' as const], issuer: 'flowmate', audience: 'flowmate-api' };
    return jwt.verify<{ sub: string }>(token, options).sub;
  }
  const hash = createHash('sha256').update(token).digest('base64url');
  const known = keys.get(hash) ?? `user-${keys.size}`;
  keys.set(hash, known);
  return known;
}

const server = fastify({ logger: { level: 'info' } });
server.get('/health/ready', () => ({}));
server.get('/api/v1/auth/me', async (request, reply) => {
  const userId = userOf(request.headers.authorization);
  const { isAllowed, remaining, freeInMs } = await window.take({ key: `bare:${userId}`, limit, windowMs: 60_000 });
  if (!isAllowed) return reply.code(429).send({});
  void reply.headers({ 'ratelimit-limit': limit, 'ratelimit-remaining': remaining, 'ratelimit-reset': freeInMs });
  const ids = { userId, workspaceId: userId, sessionId: userId, email: `${userId}@example.com` };
  return { kind: 'user', ...ids, role: 'manager', isAdmin: false, tier: 'team', permissions: ['account:read'] };
});
await server.listen({ host: '127.0.0.1', port: Number(process.env['PORT']) });
