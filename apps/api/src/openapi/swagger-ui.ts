import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { HttpServer } from '../http/http.types.js';
import { errorsPage } from './errors-page.js';

const PAGE = '/api/docs';
const ASSETS = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'];

/** Everything from here, nothing inline, nothing from elsewhere: the page works offline and an injected script does not. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HTML = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>FlowMate API</title>
    <link rel="stylesheet" href="${PAGE}/assets/swagger-ui.css">
    <link rel="icon" type="image/png" href="${PAGE}/assets/favicon-32x32.png">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="${PAGE}/assets/swagger-ui-bundle.js"></script>
    <script src="${PAGE}/start.js"></script>
  </body>
</html>
`;

/** No validator badge: it would send the document to somebody else's server. */
const START = `SwaggerUIBundle({
  url: '/api/docs-json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  persistAuthorization: false,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});
`;

/** Swagger UI and the document behind it. */
export async function serveSwaggerUi(server: HttpServer, document: OpenAPIObject): Promise<void> {
  const json = JSON.stringify(document);
  const errors = errorsPage();
  const page = (type: string, body: string) => ({ type, body });
  const pages: Record<string, { type: string; body: string }> = {
    [PAGE]: page('text/html; charset=utf-8', HTML),
    [`${PAGE}/start.js`]: page('text/javascript; charset=utf-8', START),
    [`${PAGE}/errors`]: page('text/html; charset=utf-8', errors),
    '/api/docs-json': page('application/json; charset=utf-8', json),
  };
  for (const [url, { type, body }] of Object.entries(pages)) {
    server.get(url, (_request, reply) => reply.header('content-security-policy', POLICY).type(type).send(body));
  }
  await server.register(fastifyStatic, {
    root: dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json')),
    prefix: `${PAGE}/assets/`,
    allowedPath: (path) => ASSETS.includes(path.replace(/^\//, '')),
    decorateReply: false,
    index: false,
    cacheControl: false,
  });
}
