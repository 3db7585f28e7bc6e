import type { ModelRequest } from '../model-port.js';

/** What OpenAI takes as the name of a function: 1 to 64 of these. */
const ILLEGAL = /[^a-zA-Z0-9_-]/g;
const MAX_LENGTH = 64;

/** Tool ids with dots become names that providers take, and come back. One per request: it is a pure function of it. */
export class WireNames {
  private readonly toWire = new Map<string, string>();
  private readonly toId = new Map<string, string>();

  constructor(request: ModelRequest) {
    for (const tool of request.tools) this.of(tool.id);
    for (const message of request.messages) {
      if (message.role === 'assistant') for (const call of message.calls) this.of(call.tool);
    }
  }

  /** The legal name of a tool; two ids never share one. */
  of(id: string): string {
    const known = this.toWire.get(id);
    if (known !== undefined) return known;
    const plain = id.replaceAll('.', '__').replace(ILLEGAL, '_').slice(0, MAX_LENGTH) || '_';
    let name = plain;
    for (let copy = 2; this.toId.has(name); copy += 1) {
      const suffix = `-${copy}`;
      name = plain.slice(0, MAX_LENGTH - suffix.length) + suffix;
    }
    this.toWire.set(id, name);
    this.toId.set(name, id);
    return name;
  }

  /** A name that was never given out comes back as it is, and is no tool's id by the registry's judgement. */
  idOf(name: string): string {
    return this.toId.get(name) ?? name;
  }
}
