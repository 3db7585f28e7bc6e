import { EgressClient, type DialTarget } from '@flowmate/egress';
import { SSRF_NAMES, SSRF_URLS } from '../../../../test/abuse/ssrf.table.js';
import { contextOf, failureOf } from '../../test/call.js';
import { runTool } from '../port/run-tool.js';
import { httpGet } from './http-get.tool.js';
import { httpRequest } from './http-request.tool.js';

const PUBLIC = ['93.184.216.34'];

/** Both tools on a client whose connector writes down what it was asked for and never opens a socket. */
function recording(answers: readonly string[]) {
  const dialled: DialTarget[] = [];
  const client = new EgressClient({
    allowHttp: true,
    resolve: () => Promise.resolve(answers),
    dial: (target) => {
      dialled.push(target);
      return Promise.reject(new Error('recorded, not dialled'));
    },
  });
  const get = (url: string) => runTool(httpGet(client), { url }, contextOf());
  // An origin that honours keys is no origin that may be reached.
  const request = httpRequest({ client, keyedOrigins: ['http://127.0.0.1', 'https://localhost'] });
  const post = (url: string) => runTool(request, { method: 'POST', url, text: 'x' }, contextOf());
  return { dialled, get, post };
}

const BLOCKED = { code: 'tool_url_blocked', effect: 'none', isTransient: false };

describe('a forbidden address', () => {
  it.each(SSRF_URLS)('$id is blocked without a connection: $target', async ({ target }) => {
    const { dialled, get, post } = recording(PUBLIC);
    expect(await failureOf(get(target))).toMatchObject(BLOCKED);
    expect(await failureOf(post(target))).toMatchObject(BLOCKED);
    expect(dialled).toEqual([]);
  });

  it.each(SSRF_NAMES)('$id is blocked when its name leads inside: $title', async ({ answers }) => {
    const { dialled, get, post } = recording(answers);
    const target = 'https://attacker.example.com/';
    expect(await failureOf(get(target))).toMatchObject(BLOCKED);
    expect(await failureOf(post(target))).toMatchObject(BLOCKED);
    expect(dialled).toEqual([]);
  });

  it('is not named in the words that the model gets, nor is the reason', async () => {
    const { get } = recording(['10.0.0.5']);
    const [byName, byText] = [get('https://vault.example.com/'), get('https://10.0.0.5/')];
    const messages = [(await failureOf(byName)).message, (await failureOf(byText)).message];
    expect(new Set(messages)).toEqual(new Set([expect.stringMatching(/^This address is not allowed\./)]));
  });
});

describe('an address that is allowed', () => {
  it('is dialled, or this test proves nothing', async () => {
    const { dialled, get } = recording(PUBLIC);
    expect(await failureOf(get('https://api.example.com/a'))).toMatchObject({ code: 'tool_unreachable' });
    expect(dialled).toMatchObject([{ hostname: 'api.example.com', port: 443, addresses: PUBLIC }]);
  });
});
