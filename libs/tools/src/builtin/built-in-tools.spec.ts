import type { EgressClient } from '@flowmate/egress';
import { contextOf, failureOf } from '../../test/call.js';
import { toolContract } from '../../test/tool.contract.js';
import { parseArgs } from '../port/parse-args.js';
import { runTool } from '../port/run-tool.js';
import { BUILT_IN_MANIFESTS, builtInTools } from './built-in-tools.js';
import { httpGet } from './http-get.tool.js';
import { httpRequest } from './http-request.tool.js';
import { memoryGet } from './memory-get.tool.js';
import { memorySet } from './memory-set.tool.js';
import type { MemoryEntry, MemoryPort } from './memory.js';
import { notifyEmail, type Notice, type NoticePort } from './notify-email.tool.js';
import { timeNow } from './time-now.tool.js';

/** Reads of arguments need no client: whoever asked it for something would fail. */
const noClient = {} as EgressClient;
const URL_OF_OTHERS = 'https://api.example.com/a?b=c';

const kept = new Map<string, MemoryEntry>();
const memories: MemoryPort = {
  get: ({ workspaceId, agentId, name }) => Promise.resolve(kept.get(`${workspaceId}|${agentId}|${name}`)),
  set({ workspaceId, agentId, name }, entry) {
    if (kept.size >= 2) return Promise.resolve('full');
    kept.set(`${workspaceId}|${agentId}|${name}`, { ...entry, at: new Date() });
    return Promise.resolve('stored');
  },
};
const sent: Notice[] = [];
const notices: NoticePort = {
  send(notice) {
    if (notice.to.includes('stranger@example.com')) return Promise.resolve('not_members');
    sent.push(notice);
    return Promise.resolve('accepted');
  },
};
const request = httpRequest({ client: noClient, keyedOrigins: ['https://kept.example'] });
const clock = (): Date => new Date('2026-01-31T10:00:00Z');

toolContract(httpGet(noClient), {
  good: [{ url: URL_OF_OTHERS }],
  bad: [
    ['no url', {}],
    ['a url that is no text', { url: { href: URL_OF_OTHERS } }],
    ['a url without an end', { url: `https://example.com/${'a'.repeat(2_048)}` }],
    ['M11 a header', { url: URL_OF_OTHERS, headers: { authorization: 'Bearer x' } }],
    ['M11 a base URL', { url: '/a', baseUrl: 'https://example.com' }],
    ['another method', { url: URL_OF_OTHERS, method: 'POST' }],
  ],
});

toolContract(request, {
  good: [
    { method: 'POST', url: URL_OF_OTHERS, json: { a: [1, null, 'x'] } },
    { method: 'PUT', url: URL_OF_OTHERS, text: 'hello' },
    { method: 'PATCH', url: URL_OF_OTHERS, json: null },
    { method: 'DELETE', url: URL_OF_OTHERS },
  ],
  bad: [
    ['reading', { method: 'GET', url: URL_OF_OTHERS }],
    ['a method in small letters', { method: 'post', url: URL_OF_OTHERS }],
    ['M11 a key of its own', { method: 'POST', url: URL_OF_OTHERS, idempotent: 'idempotency-key' }],
    ['M11 a token', { method: 'POST', url: URL_OF_OTHERS, token: 'x' }],
    ['two bodies', { method: 'POST', url: URL_OF_OTHERS, json: {}, text: '' }],
    ['a body above 64 KB', { method: 'POST', url: URL_OF_OTHERS, json: 'x'.repeat(65_536) }],
    ['a text above 64 KB in bytes', { method: 'POST', url: URL_OF_OTHERS, text: 'ü'.repeat(40_000) }],
  ],
});

toolContract(timeNow(clock), {
  good: [{}, { zone: 'Europe/Berlin' }],
  bad: [
    ['a zone that is a path', { zone: '../../etc/passwd' }],
    ['a zone of another alphabet', { zone: 'Еurope/Berlin' }],
  ],
});

toolContract(memoryGet(memories), {
  good: [{ name: 'last.seen-1' }],
  bad: [
    ['M04 a path for a name', { name: '../other-agent/secret' }],
    ['M04 an escaped path', { name: 'a/..%2fb' }],
    ['M04 an address for a name', { name: 'https://example.com' }],
    ['an operator', { name: { $ne: '' } }],
    ['a look-alike', { name: 'nаme' }],
    ['65 characters', { name: 'a'.repeat(65) }],
    ['M11 another agent', { name: 'a', agentId: 'b' }],
  ],
});

toolContract(memorySet(memories), {
  good: [{ name: 'a', text: '' }],
  bad: [
    ['more than 8 KB', { name: 'a', text: 'x'.repeat(8_193) }],
    ['more than 8 KB in bytes', { name: 'a', text: 'ü'.repeat(5_000) }],
    ['M11 another workspace', { name: 'a', text: '', workspaceId: 'x' }],
  ],
});

const mail = { to: ['ada@example.com'], subject: 'Hello', text: 'x' };
toolContract(notifyEmail(notices), {
  good: [mail, { ...mail, to: Array.from({ length: 10 }, (_, index) => `a${index}@example.com`) }],
  bad: [
    ['M06 a subject with CRLF', { ...mail, subject: 'Hello\r\nBcc: eve@example.com' }],
    ['M06 a subject with a separator', { ...mail, subject: 'Hello\u2028Bcc: eve@example.com' }],
    ['M06 10,000 recipients', { ...mail, to: Array.from({ length: 10_000 }, (_, at) => `a${at}@example.com`) }],
    ['nobody', { ...mail, to: [] }],
    ['M06 everyone', { ...mail, to: ['@everyone'] }],
    ['M06 a recipient with CRLF', { ...mail, to: ['ada@example.com\r\nBcc: eve@example.com'] }],
    ['two in one', { ...mail, to: ['ada@example.com, eve@example.com'] }],
    ['M11 a sender', { ...mail, from: 'admin@example.com' }],
    ['more than 16 KB', { ...mail, text: 'x'.repeat(16_385) }],
  ],
});

describe('the built-in tools', () => {
  it('are what is said about them to those who run none', () => {
    const tools = builtInTools({ client: noClient, keyedOrigins: [], memories, notices });
    expect(tools.map(({ manifest }) => manifest)).toEqual(BUILT_IN_MANIFESTS);
  });

  it('remember for their agent and their workspace only', async () => {
    kept.clear();
    const [get, set] = [memoryGet(memories), memorySet(memories)];
    await runTool(set, { name: 'a', text: 'hello' }, contextOf());
    expect(kept.get('w|a|a')).toMatchObject({ runId: 'r' });
    expect(await runTool(get, { name: 'a' }, contextOf())).toEqual({ text: 'hello', label: 'untrusted' });
    const other = await runTool(get, { name: 'a' }, contextOf({ agentId: 'other' }));
    expect(other).toEqual({ text: 'Nothing is stored under a.', label: 'plain' });
    await runTool(set, { name: 'b', text: '' }, contextOf());
    expect(await failureOf(runTool(set, { name: 'c', text: '' }, contextOf()))).toMatchObject({
      code: 'tool_failed',
      effect: 'none',
      isTransient: false,
    });
  });

  it('mail everybody once, under the key of the call', async () => {
    sent.length = 0;
    const tool = notifyEmail(notices);
    const args = parseArgs(tool, JSON.stringify({ ...mail, to: ['Ada@Example.com', 'ada@example.com'] }));
    await runTool(tool, args, contextOf({ key: 'the-key' }));
    expect(sent).toEqual([{ ...mail, workspaceId: 'w', key: 'the-key' }]);
  });

  it('M05 mail nobody who is no member', async () => {
    const args = { ...mail, to: ['stranger@example.com'] };
    const failure = await failureOf(runTool(notifyEmail(notices), args, contextOf()));
    expect(failure).toMatchObject({ code: 'tool_scope_denied', effect: 'none' });
  });

  it('tell the time where somebody is', async () => {
    const { text } = await runTool(timeNow(clock), { zone: 'America/New_York' }, contextOf());
    expect(text).toMatch(/^2026-01-31T10:00:00\.000Z\nSaturday,? 31 January 2026 at 05:00:00 .*\(America\/New_York\)$/);
    const nowhere = failureOf(runTool(timeNow(clock), { zone: 'Mars/Base' }, contextOf()));
    expect(await nowhere).toMatchObject({ code: 'tool_args_invalid' });
  });

  it('are repeated where HTTP or the operator says so, and where a model says so not', () => {
    const traits = (method: string, url: string) => request.traitsOf!({ method, url } as never);
    expect(traits('POST', URL_OF_OTHERS)).toEqual({ risk: 'external', class: 'C' });
    expect(traits('PATCH', URL_OF_OTHERS)).toEqual({ risk: 'external', class: 'C' });
    expect(traits('PUT', URL_OF_OTHERS)).toEqual({ risk: 'external', class: 'A' });
    expect(traits('DELETE', URL_OF_OTHERS)).toEqual({ risk: 'destructive', class: 'A' });
    expect(traits('POST', 'https://kept.example/a')).toEqual({ risk: 'external', class: 'A' });
    for (const url of ['http://kept.example/', 'https://kept.example:444/', 'https://a.kept.example/', 'kept.example'])
      expect(traits('POST', url).class).toBe('C');
  });
});
