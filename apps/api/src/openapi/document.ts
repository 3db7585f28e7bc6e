import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { DatabaseUnavailableError } from '@flowmate/database';
import { ResourceNotFoundError, VERSION, type DomainError } from '@flowmate/domain';
import { ApiKeyInvalidError, ForbiddenScopeError, InstanceLockedError } from '@flowmate/identity';
import { PERMISSION_EXTENSION, PUBLIC_EXTENSION } from '../auth/access.decorator.js';
import {
  AuthRequiredError,
  AuthTokenExpiredError,
  AuthTokenInvalidError,
  CsrfOriginDeniedError,
  ForbiddenRoleError,
} from '../auth/auth.errors.js';
import { RateLimitedError } from '../rate-limit/rate-limit.errors.js';
import { withProblems, type Responses } from './problem-responses.js';

interface Described {
  responses: Responses;
  parameters?: object[];
}

const DESCRIPTION = [
  'Build agents that do work in your accounts, run them on demand, on a schedule or when something happens, and trust the result.',
  'Every error answer is `application/problem+json` with a stable `code`; every answer carries `X-Correlation-ID`.',
].join('\n\n');

/** The OpenAPI document, from the decorators alone: nothing listens and nothing connects. */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('FlowMate API')
    .setDescription(DESCRIPTION)
    .setVersion(VERSION)
    .setOpenAPIVersion('3.1.0')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/', 'This server')
    .addTag('welcome', 'Where to start.')
    .addTag('health', 'For orchestrators and load balancers.')
    .addTag('auth', 'Signing in, sessions, and who the caller is.')
    .addTag('api keys', 'Keys of people for their programs.')
    .addTag('agents', 'What people build: instructions, a model, tools.')
    .addTag('runs', 'What agents did and do: started, watched, stopped, explained.')
    .addTag('tools', 'What agents can be given.')
    .addTag('audit', 'Who did what, on what, from where, and what came of it.')
    .addTag('admin', 'For whoever looks after the instance and its people.')
    .addTag('workspaces', 'Where people work, who belongs there, and how they get in.')
    .addTag('account', 'Taking along and deleting what is kept.')
    .addTag('operations', 'For whoever runs the instance.')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'A token in the Authorization header.' })
    .addCookieAuth(
      'fm_access',
      { type: 'apiKey', in: 'cookie', description: 'What browsers get instead; `__Host-fm_access` behind TLS.' },
      'cookie',
    )
    .addSecurityRequirements('bearer')
    .build();
  const document = SwaggerModule.createDocument(app, config);
  Object.values(document.paths).forEach(openPublicOperations);
  for (const [name, path] of Object.entries(document.paths)) describeGuards(name, path);
  return document;
}

/** Every operation asks for credentials unless it is marked public. */
function openPublicOperations(path: object): void {
  for (const operation of Object.values(path) as object[]) {
    if (!Object.hasOwn(operation, PUBLIC_EXTENSION)) continue;
    Reflect.deleteProperty(operation, PUBLIC_EXTENSION);
    Reflect.set(operation, 'security', []);
  }
}

/** The workspace of these is in their path, or they have none. */
const OWN_WORKSPACE = /^\/api\/v1\/(?:workspaces\/\{id\}|admin\/)/;

const WORKSPACE_HEADER = {
  name: 'X-Workspace-Id',
  in: 'header',
  required: false,
  description: 'The workspace of the request; without it, the personal one of the caller.',
  schema: { type: 'string', pattern: '^[0-9a-f]{24}$', example: '65f0c0ffee0123456789abcd' },
};

/** What the guards of an operation answer, before its handler is asked. */
const REFUSALS: readonly DomainError[] = [
  new AuthRequiredError(),
  new AuthTokenInvalidError(),
  new AuthTokenExpiredError(),
  new ApiKeyInvalidError(),
  new ForbiddenRoleError(),
  new ForbiddenScopeError(),
  new ResourceNotFoundError(),
  new RateLimitedError(1_000),
  new DatabaseUnavailableError(false),
];
/** Besides, when the operation changes something. */
const REFUSALS_OF_CHANGES: readonly DomainError[] = [new CsrfOriginDeniedError(), new InstanceLockedError()];

function describeGuards(name: string, path: object): void {
  for (const [method, operation] of Object.entries(path) as Array<[string, Described]>) {
    if (!Object.hasOwn(operation, PERMISSION_EXTENSION)) continue;
    const refusals = method === 'get' ? REFUSALS : [...REFUSALS, ...REFUSALS_OF_CHANGES];
    operation.responses = withProblems(operation.responses, refusals);
    if (!OWN_WORKSPACE.test(name)) operation.parameters = [...(operation.parameters ?? []), WORKSPACE_HEADER];
  }
}
