import { CANARY, type AbuseCase } from './abuse-case.js';

const JSON_TYPE = { 'content-type': 'application/json' };
const MEGABYTE = 1_048_576;
const ENVELOPE = '{"text":""}'.length;

const post = (body: string | Buffer, headers: Record<string, string> = JSON_TYPE): AbuseCase['request'] => ({
  method: 'POST',
  path: '/test/echo',
  headers,
  body,
});
const sized = (bytes: number): string => `{"text":"${'x'.repeat(bytes - ENVELOPE)}"}`;
const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const malformed = (name: string, body: string | Buffer): AbuseCase => ({
  id: 'N03',
  name,
  request: post(body),
  status: 400,
  code: 'json_malformed',
});
const invalid = (id: string, name: string, body: string, issue?: AbuseCase['issue']): AbuseCase => ({
  id,
  name,
  request: post(body),
  status: 400,
  code: 'validation_failed',
  ...(issue ? { issue } : {}),
});
const foreign = (type: string): AbuseCase => ({
  id: 'N05',
  name: `the content type ${type}`,
  request: post(`{"text":"${CANARY}"}`, { 'content-type': type }),
  status: 415,
  code: 'unsupported_media_type',
});
const compressed = (encoding: string): AbuseCase => ({
  id: 'N06',
  name: `a body compressed by ${encoding}`,
  request: post(Buffer.from('1f8b08000000000000ff', 'hex'), { ...JSON_TYPE, 'content-encoding': encoding }),
  status: 415,
  code: 'unsupported_media_type',
});

/** Bodies: too big, too deep, not JSON, JSON that lies, and JSON that is not what was asked for. */
export const BODY_CASES: readonly AbuseCase[] = [
  { id: 'N02', name: 'exactly 1 MB', request: post(sized(MEGABYTE)), status: 200 },
  { id: 'N02', name: '1 MB and a byte', request: post(sized(MEGABYTE + 1)), status: 413, code: 'payload_too_large' },
  {
    id: 'N02',
    name: 'exactly 1 MB of unstated length',
    request: { ...post(sized(MEGABYTE)), isChunked: true },
    status: 200,
  },
  {
    id: 'N02',
    name: '1 MB and a byte of unstated length',
    request: { ...post(sized(MEGABYTE + 1)), isChunked: true },
    status: 413,
    code: 'payload_too_large',
  },
  {
    id: 'N02',
    name: 'a route with a limit of its own, at it',
    request: { ...post(sized(100)), path: '/test/small' },
    status: 200,
  },
  {
    id: 'N02',
    name: 'a route with a limit of its own, above it',
    request: { ...post(sized(101)), path: '/test/small' },
    status: 413,
    code: 'payload_too_large',
  },
  malformed('half an object', `{"text":"${CANARY}`),
  malformed('a trailing comma', `{"text":"${CANARY}",}`),
  malformed('a byte order mark', `\ufeff{"text":"${CANARY}"}`),
  malformed('NaN', '{"text":"x","amount":NaN}'),
  malformed('single quotes', `{'text':'${CANARY}'}`),
  malformed('a comment', `{"text":"x"} // ${CANARY}`),
  malformed('two values', '{"text":"x"}{"text":"y"}'),
  malformed('bytes that are not UTF-8', Buffer.from('7b2274657874223a22ff22 7d'.replace(' ', ''), 'hex')),
  malformed('nothing at all', ''),
  malformed('a raw NUL', '{"text":"\u0000"}'),
  invalid('N03', 'a number beyond all numbers', '{"text":"x","amount":1e400}', { path: 'amount', rule: 'finite' }),
  invalid('N03', 'an array', `[{"text":"${CANARY}"}]`),
  invalid('N03', 'a string', `"${CANARY}"`),
  invalid('N03', 'null', 'null'),
  invalid('N03', 'a number', '42'),
  {
    id: 'N04',
    name: '32 levels, which is allowed but no echo',
    request: post(nested(32)),
    status: 400,
    code: 'validation_failed',
  },
  { id: 'N04', name: '33 levels', request: post(nested(33)), status: 400, code: 'json_too_deep' },
  { id: 'N04', name: '20,000 levels', request: post(nested(20_000)), status: 400, code: 'json_too_deep' },
  {
    id: 'N04',
    name: '33 levels of objects',
    request: post(`${'{"a":'.repeat(33)}1${'}'.repeat(33)}`),
    status: 400,
    code: 'json_too_deep',
  },
  {
    id: 'N04',
    name: 'brackets within a string are no levels',
    request: post(`{"text":"${'['.repeat(100)}\\"${'{'.repeat(100)}"}`),
    status: 200,
  },
  ...[
    ['fields', `{"text":"x",${Array.from({ length: 60_000 }, (_, index) => `"k${index}":1`).join(',')}}`],
    ['elements', `{"text":"x","parts":[${'{},'.repeat(300_000)}{}]}`],
    ['numbers', `[${'1,'.repeat(500_000)}1]`],
  ].map(([what, body = '']): AbuseCase => ({
    id: 'N04',
    name: `hundreds of thousands of ${what}`,
    request: post(body),
    status: 400,
    code: 'json_too_many_values',
  })),
  {
    id: 'N04',
    name: 'commas within a string are no elements',
    request: post(`{"text":"${','.repeat(20_000)}"}`),
    status: 200,
  },
  ...[
    'text/plain',
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencoded',
    'application/json; charset=utf-16',
    'application/json; charset=latin1',
    'application/jsonp',
    'application/vnd.api+json',
    'application/xml',
    'nonsense',
  ].map(foreign),
  {
    id: 'N05',
    name: 'no content type',
    request: post(`{"text":"${CANARY}"}`, {}),
    status: 415,
    code: 'unsupported_media_type',
  },
  {
    id: 'N05',
    name: 'UTF-8, said so',
    request: post('{"text":"x"}', { 'content-type': 'application/json; charset=UTF-8' }),
    status: 200,
  },
  ...['gzip', 'br', 'deflate', 'zstd', 'identity, gzip'].map(compressed),
  ...['__proto__', 'constructor', 'prototype'].flatMap((key) => [
    invalid('P01', `the key ${key}`, `{"text":"x","${key}":{"polluted":"${CANARY}"}}`, {
      path: '',
      rule: 'key_forbidden',
    }),
    invalid('P01', `the key ${key}, deep`, `{"text":"x","parts":[{"label":"y","${key}":1}]}`, {
      path: 'parts.0',
      rule: 'key_forbidden',
    }),
  ]),
  invalid('P01', 'the key __proto__, escaped', '{"text":"x","\\u005f_proto__":{"polluted":1}}', {
    path: '',
    rule: 'key_forbidden',
  }),
  invalid('G01', 'an unknown field', `{"text":"x","workspaceId":"${CANARY}"}`, {
    path: 'workspaceId',
    rule: 'unrecognized_keys',
  }),
  invalid('G01', 'an unknown field, deep', '{"text":"x","parts":[{"label":"y","role":"admin"}]}', {
    path: 'parts.0.role',
    rule: 'unrecognized_keys',
  }),
  invalid('G01', 'a field name that is no name', `{"text":"x","<script>${CANARY}":1}`, {
    path: '',
    rule: 'unrecognized_keys',
  }),
  invalid('Q01', 'an operator where text is due', '{"text":{"$gt":""}}', { path: 'text', rule: 'isString' }),
  invalid('Q01', 'an array where text is due', `{"text":["${CANARY}"]}`, { path: 'text', rule: 'isString' }),
  invalid('Q01', 'null where text is due', '{"text":null}', { path: 'text', rule: 'isString' }),
  invalid('Q01', 'a missing field', '{}', { path: 'text', rule: 'isString' }),
  invalid('Q01', 'a value of the wrong shape', `{"text":"x","slug":"NO ${CANARY}"}`, { path: 'slug', rule: 'matches' }),
  invalid('Q01', 'a number written as text', '{"text":"x","amount":"5"}', { path: 'amount', rule: 'isNumber' }),
  {
    id: 'G12',
    name: 'a key twice: the last one counts, and it is the one that is checked',
    request: post('{"text":1,"text":"x"}'),
    status: 200,
  },
  invalid('G12', 'a key twice with the bad value last', '{"text":"x","text":1}', { path: 'text', rule: 'isString' }),
  {
    id: 'R22',
    name: 'malformed JSON on a closed operation is not even read',
    request: { method: 'POST', path: '/test/closed', headers: JSON_TYPE, body: '{"half' },
    status: 401,
    code: 'auth_required',
  },
];
