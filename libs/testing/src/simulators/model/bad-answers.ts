import type { ServerResponse } from 'node:http';
import { completionEvents, type WireCall } from './completion-events.js';
import type { ModelMode, ModelScript } from './model-modes.js';

export type BadMode = Exclude<ModelMode, 'ok' | 'no-usage' | 'obey-attacker'>;

const GOOD_MODES: readonly string[] = ['ok', 'no-usage', 'obey-attacker'];
export const isBadMode = (mode: ModelMode): mode is BadMode => !GOOD_MODES.includes(mode);

/** Every bad answer holds this, so that a test can look for it where nothing of a provider belongs. */
export const PROVIDER_SECRET = 'provider-text-that-nobody-repeats';
const HUGE_BYTES = 50 * 1_024 * 1_024;
const PIECE = Buffer.alloc(64 * 1_024, 'x');
/** A byte every two seconds is what a slow-loris attack sends. */
const LORIS_MS = 2_000;
/** Well-formed events without anything in them, often enough to look alive. */
const KEEP_ALIVE_MS = 100;
const EMPTY_CHUNK = 'data: {"choices":[{"index":0,"delta":{"content":""}}]}\n\n';

const CALL: WireCall = { id: 'call_1', name: 'time__now', args: '{"zone":"Europe/Berlin"}' };
const events = (calls: readonly WireCall[], text = ''): string[] =>
  completionEvents({ model: 'sim', text, calls, hasUsage: true });

function sendStatus(response: ServerResponse, status: number, script: ModelScript): void {
  const retryAfter = script.retryAfter === undefined ? {} : { 'retry-after': script.retryAfter };
  response.writeHead(status, { 'content-type': 'application/json', ...retryAfter });
  const code = script.mode === 'context-length' ? 'context_length_exceeded' : 'sim_error';
  response.end(JSON.stringify({ error: { message: PROVIDER_SECRET, type: 'sim', code, param: null } }));
}

function beginStream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
}

function sendStream(response: ServerResponse, text: string): void {
  beginStream(response);
  response.end(text);
}

/** Ends the connection in the middle, as a crash does. */
function cutAfter(response: ServerResponse, text: string): void {
  beginStream(response);
  response.write(text, () => response.destroy());
}

function drip(response: ServerResponse, piece: string, everyMs: number): void {
  beginStream(response);
  const timer = setInterval(() => response.write(piece), everyMs);
  response.once('close', () => clearInterval(timer));
}

/** As much as the caller takes, up to 50 MB, with no more than a piece of it in memory here. */
function flood(response: ServerResponse, piece: Buffer): void {
  let sent = 0;
  const more = (): void => {
    while (sent < HUGE_BYTES && !response.destroyed) {
      sent += piece.length;
      if (!response.write(piece)) return void response.once('drain', more);
    }
    response.end();
  };
  beginStream(response);
  more();
}

const HUGE_CHUNK = Buffer.from(
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'x'.repeat(60_000) } }] })}\n\n`,
);

/** What every bad mode does that is more than a status. */
const ANSWERS: Partial<Record<ModelMode, (response: ServerResponse, script: ModelScript) => void>> = {
  'never-reply': () => undefined,
  'headers-then-silence': beginStream,
  'slow-loris': (response) => drip(response, ':', LORIS_MS),
  'empty-chunks': (response) => drip(response, EMPTY_CHUNK, KEEP_ALIVE_MS),
  'never-ends': (response) => {
    beginStream(response);
    response.write(events([], 'all of it').join(''));
  },
  cut: (response) => cutAfter(response, events([], `${PROVIDER_SECRET} and more`).slice(0, 4).join('')),
  'cut-in-call': (response) => cutAfter(response, events([CALL]).slice(0, 4).join('')),
  garbage: (response) => sendStream(response, `\u0000\u0001 ${PROVIDER_SECRET} \ufffd\n\n{]\n`),
  'not-json': (response) => sendStream(response, `data: {"choices": ${PROVIDER_SECRET}\n\n`),
  html: (response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end(`<html><body>${PROVIDER_SECRET}</body></html>`);
  },
  'empty-choices': (response) => sendStream(response, 'data: {"choices":[]}\n\ndata: [DONE]\n\n'),
  'doubled-ids': (response) => sendStream(response, events([CALL, CALL]).join('')),
  'nameless-call': (response) => sendStream(response, events([{ ...CALL, name: '' }]).join('')),
  'error-in-stream': (response) =>
    sendStream(response, `data: ${JSON.stringify({ error: { message: PROVIDER_SECRET, code: 'server_error' } })}\n\n`),
  huge: (response) => flood(response, PIECE),
  'huge-text': (response) => flood(response, HUGE_CHUNK),
  'context-length': (response, script) => sendStatus(response, 400, script),
};

export function answerBadly(response: ServerResponse, mode: BadMode, script: ModelScript): void {
  const answer = ANSWERS[mode];
  const begin = (): void => (answer ? answer(response, script) : sendStatus(response, Number(mode), script));
  if ((script.latencyMs ?? 0) > 0) setTimeout(begin, script.latencyMs);
  else begin();
}
