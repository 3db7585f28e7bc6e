import { fastify } from 'fastify';

/** The yardstick: Fastify as its documentation starts it, with its own request log unless told otherwise. */
const [, , log = 'log'] = process.argv;
const server = fastify({ logger: log === 'log' && { level: 'info' } });
server.get('/health/live', () => ({
  status: 'healthy',
  service: 'bare',
  version: '0.0.0',
  uptimeSeconds: Math.floor(process.uptime()),
}));
await server.listen({ host: '127.0.0.1', port: Number(process.env['PORT']) });
