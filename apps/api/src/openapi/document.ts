import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { VERSION } from '@flowmate/domain';
import { PUBLIC_EXTENSION } from '../auth/access.decorator.js';

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
    .addTag('workspaces', 'Where people work, who belongs there, and how they get in.')
    .addTag('account', 'Taking along and deleting what is kept.')
    .addTag('operations', 'For whoever runs the instance.')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'A token in the Authorization header.' })
    .addSecurityRequirements('bearer')
    .build();
  const document = SwaggerModule.createDocument(app, config);
  Object.values(document.paths).forEach(openPublicOperations);
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
