import { EgressClient } from '@flowmate/egress';
import { ledgerTools } from '../../../testing/src/simulators/ledger/ledger-tools.js';
import { contextOf, newLedger } from '../../test/call.js';
import { httpContract } from '../../test/http.contract.js';
import { toolContract } from '../../test/tool.contract.js';
import { runTool } from '../port/run-tool.js';
import { httpGet } from './http-get.tool.js';
import { httpRequest } from './http-request.tool.js';

const clients: Array<{ close: () => Promise<void> }> = [];
afterAll(() => Promise.all(clients.map((client) => client.close())));

/** The ledger is on this machine, where nobody gets in production. */
const clientOf = (url: string): EgressClient => {
  const client = new EgressClient({ allowHttp: true, trustedOrigins: [url] });
  clients.push(client);
  return client;
};

httpContract('http.get', (url) => ({ tool: httpGet(clientOf(url)), argsFor: (to) => ({ url: to }), path: '/read/' }));

describe.each(['POST', 'PUT', 'PATCH', 'DELETE'] as const)('http.request with %s', (method) => {
  httpContract('http.request', (url) => ({
    tool: httpRequest({ client: clientOf(url), keyedOrigins: [] }),
    argsFor: (to) => ({ method, url: to, ...(method !== 'DELETE' && { json: { a: 1 } }) }),
    path: '/plain/',
  }));
});

const ledgerToolsAt = (url: string) => {
  const made = ledgerTools({ url });
  clients.push(made);
  return made.tools;
};
const at = (index: 0 | 1 | 2 | 3) => (url: string) => ledgerToolsAt(url)[index];

describe.each([
  ['read', at(0)],
  ['keyed', at(1)],
  ['marked', at(2)],
  ['plain', at(3)],
] as const)('ledger.%s', (kind, toolAt) => {
  toolContract(toolAt('http://127.0.0.1:9'), {
    good: [{ name: 'a' }],
    bad: [['M04 a path', { name: '../effects' }]],
  });
  httpContract(`ledger.${kind}`, (url) => ({ tool: toolAt(url), argsFor: () => ({ name: 'a' }), path: `/${kind}/` }));
});

describe('what was sent and got no answer', () => {
  it('is one effect when a tool of class A sends it again, where the server honours our key', async () => {
    const { ledger, dispose } = await newLedger();
    const tool = httpRequest({ client: clientOf(ledger.url), keyedOrigins: [ledger.url] });
    const args = { method: 'POST', url: `${ledger.url}/keyed/a`, text: 'x' } as const;
    expect(tool.traitsOf!(args).class).toBe('A');
    ledger.set({ path: '/keyed/', mode: 'executeAndCut', times: 2 });
    const run = () => runTool(tool, args, contextOf({ key: 'one-key' }));
    await expect(run()).rejects.toMatchObject({ effect: 'ambiguous' });
    await expect(run()).rejects.toMatchObject({ effect: 'ambiguous' });
    await run();
    const [done, calls] = [ledger.effects('one-key').length, ledger.calls.length];
    await dispose();
    expect([done, calls]).toEqual([1, 3]);
  });
});
