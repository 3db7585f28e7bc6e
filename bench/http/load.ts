import { compare, type Contender } from '../comparison.js';
import type { BenchOptions } from '../options.js';
import { REGISTER, startServer, type Server } from '../server-process.js';

const API = ['dist/apps/api/src/main.js'];
const TYPESCRIPT = ['--import', REGISTER];

/** The first one is what the others are compared with. */
const CONTENDERS = [
  { name: 'bare Fastify, its own log', args: [...TYPESCRIPT, 'bench/http/bare.ts'], path: '/health/live' },
  { name: 'bare Fastify, no log', args: [...TYPESCRIPT, 'bench/http/bare.ts', 'silent'], path: '/health/live' },
  { name: 'api GET /health/live', args: API, path: '/health/live' },
  { name: 'api GET no-op route', args: [...TYPESCRIPT, 'bench/http/nothing.ts'], path: '/bench/nothing' },
] as const;

/** What every request costs, whatever it is for. */
export async function measureLoad(options: BenchOptions): Promise<Contender[]> {
  const servers: Server[] = [];
  try {
    for (const { args, path } of CONTENDERS) servers.push(await startServer(args, path));
    const loaded = CONTENDERS.flatMap(({ name }, index) => {
      const server = servers[index];
      return server ? [{ name, server }] : [];
    });
    return await compare(loaded, options);
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}
