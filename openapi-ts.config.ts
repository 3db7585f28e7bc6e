import { defineConfig } from '@hey-api/openapi-ts';

/** The generator's own files name a type that only browsers' typings declare globally; ours are Node's. */
const BODY_INIT = "type BodyInit = NonNullable<RequestInit['body']>;";

/** How `npm run client` makes libs/client/src/generated from openapi.json. */
export default defineConfig({
  input: './openapi.json',
  output: {
    path: './libs/client/src/generated',
    module: { extension: '.js' },
    // Without a `file` it is one that the generator copies instead of making it from the document.
    header: ({ file, defaultValue }) => (file ? defaultValue : [...defaultValue, '', BODY_INIT]),
  },
  logs: { file: false },
  plugins: [
    // The document's only server is "/", which would make "//api/v1", the name of a host.
    { name: '@hey-api/client-fetch', baseUrl: false },
    '@hey-api/typescript',
    // No client of its own: one that everybody shares would hold one caller's token for all.
    { name: '@hey-api/sdk', client: false },
  ],
});
