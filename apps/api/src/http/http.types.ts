import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** The one place that names the HTTP framework's types; features use these. */
export type HttpServer = FastifyInstance;
export type HttpReply = FastifyReply;
export type HttpRequest = FastifyRequest;
