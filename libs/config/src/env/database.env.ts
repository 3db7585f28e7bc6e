import { IsOptional } from 'class-validator';
import type { Secret } from '../secret.js';
import { FromEnv } from '../setting.js';
import { duration, integer, secret, text } from '../setting-kinds.js';
import { IsDatabaseName, IsMongoUri, Max, Min } from '../validators.js';

/** Below this a healthy replica set that elects a primary would count as gone. */
const MIN_TIMEOUT_MS = 1_000;
const MAX_TIMEOUT_MS = 300_000;
/** A server of MongoDB's default size takes 65,536 connections in all; one process never needs a sixteenth. */
const MAX_POOL_SIZE = 4_096;

export class DatabaseEnv {
  static readonly title = 'Database';

  /** Holds a password, so it is a secret as a whole. */
  @FromEnv('MONGODB_URI', {
    kind: secret,
    doc: 'The MongoDB that keeps everything, a replica set of 7.0 or later. `npm start` brings one of its own when this is not set; production refuses that one.',
    example: 'mongodb://flowmate:password@localhost:27017/flowmate?replicaSet=rs0',
  })
  @IsMongoUri()
  uri: Secret | undefined;

  @FromEnv('MONGODB_DATABASE', {
    kind: text,
    doc: 'The database of that MongoDB.',
    defaultDoc: 'the one that the address names, else `flowmate`',
  })
  @IsDatabaseName()
  name: string | undefined;

  @FromEnv('MONGODB_TIMEOUT', {
    kind: duration,
    doc: 'How long a process looks for a usable server before it says that there is none. It goes on looking after that.',
    defaultDoc: '5s, in the worker 30s, in the command line 10s',
  })
  @IsOptional()
  @Min(MIN_TIMEOUT_MS)
  @Max(MAX_TIMEOUT_MS)
  timeoutMs: number | undefined;

  @FromEnv('MONGODB_MAX_POOL_SIZE', {
    kind: integer,
    doc: 'At most so many connections to each server of the MongoDB, from each process.',
    default: 100,
  })
  @Min(1)
  @Max(MAX_POOL_SIZE)
  maxPoolSize: number;
}
