import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { HttpServer } from '../http/http.types.js';
import { errorsPage } from './errors-page.js';

const PAGE = '/api/docs';

/** The files of Swagger UI that the page names; the package's others are not served. */
const ASSETS: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

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
export function serveSwaggerUi(server: HttpServer, document: OpenAPIObject): void {
  const page = (url: string, type: string, body: string): void => {
    server.get(url, (_request, reply) => reply.header('content-security-policy', POLICY).type(type).send(body));
  };
  page(PAGE, 'text/html; charset=utf-8', HTML);
  page(`${PAGE}/start.js`, 'text/javascript; charset=utf-8', START);
  page(`${PAGE}/errors`, 'text/html; charset=utf-8', errorsPage());
  page('/api/docs-json', 'application/json; charset=utf-8', JSON.stringify(document));
  const { resolve } = createRequire(import.meta.url);
  for (const [file, type] of Object.entries(ASSETS)) {
    const path = resolve(`swagger-ui-dist/${file}`);
    server.get(`${PAGE}/assets/${file}`, async (_request, reply) => reply.type(type).send(await readFile(path)));
  }
}
