import { Agent, request, type IncomingMessage } from 'node:http';
import type { RunsSystem } from './system.js';

const BODY = JSON.stringify({ input: 'What time is it?' });

/** Asks over connections that stay open, as a program that uses the api does. */
export class Caller {
  private readonly agent: Agent;
  private readonly headers: Readonly<Record<string, string>>;

  constructor(
    private readonly system: RunsSystem,
    connections: number,
  ) {
    this.agent = new Agent({ keepAlive: true, maxSockets: connections });
    this.headers = { authorization: `Bearer ${system.tenant.secret}` };
  }

  close(): void {
    this.agent.destroy();
  }

  /** The id of a run that was accepted. */
  async start(): Promise<string> {
    const path = `/api/v1/agents/${this.system.agentId}/run`;
    const answer = await this.ask('POST', path, BODY);
    if (answer.status !== 202) throw new Error(`A run was answered ${answer.status}: ${answer.text}`);
    return (JSON.parse(answer.text) as { runId: string }).runId;
  }

  /** Resolves with the last event of its stream. */
  async watch(runId: string): Promise<void> {
    const { status, text } = await this.ask('GET', `/api/v1/runs/${runId}/stream`);
    if (status === 200 && !text.includes('event: run.succeeded')) throw new Error(`A stream ended early: ${text}`);
    if (status !== 200 && status !== 204) throw new Error(`A stream was answered ${status}.`);
  }

  async get(path: string): Promise<string> {
    const { status, text } = await this.ask('GET', path);
    if (status !== 200) throw new Error(`${path} was answered ${status}.`);
    return text;
  }

  private ask(method: string, path: string, body?: string): Promise<{ status: number; text: string }> {
    const url = new URL(path, this.system.origin);
    const json = body === undefined ? {} : { 'content-type': 'application/json', 'content-length': `${body.length}` };
    return new Promise((resolve, reject) => {
      const asked = request(url, { method, agent: this.agent, headers: { ...this.headers, ...json } });
      asked.once('error', reject);
      asked.once('response', (answer: IncomingMessage) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (part: string) => void (text += part));
        answer.once('end', () => resolve({ status: answer.statusCode ?? 0, text }));
        answer.once('error', reject);
      });
      asked.end(body);
    });
  }
}
