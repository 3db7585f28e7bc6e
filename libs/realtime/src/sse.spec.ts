import fc from 'fast-check';
import { encodeEvent, encodeHeartbeat, encodeRetry } from './sse.js';

/** As the HTML standard reads a stream: CR, LF and CRLF end a line, an empty line ends an event. */
function eventsIn(stream: string): Array<Record<string, string>> {
  const events: Array<Record<string, string>> = [];
  let current: Record<string, string> = {};
  for (const line of stream.split(/\r\n|\r|\n/)) {
    if (line === '') {
      if ('data' in current) events.push(current);
      current = {};
      continue;
    }
    const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (field !== '') current[field] = field in current ? `${current[field]}\n${value}` : value;
  }
  return events;
}

const NASTY = '\n\nevent: admin\ndata: x\r\r\u2028id: 9\u2029:';

describe('an event of a stream', () => {
  it('has an id, a name and one line of data', () => {
    expect(encodeEvent({ id: 7, event: 'run.started', data: { a: 1 } })).toBe(
      'id: 7\nevent: run.started\ndata: {"a":1}\n\n',
    );
    expect(encodeEvent({ event: 'text', data: null })).toBe('event: text\ndata: null\n\n');
  });

  it('Z07 is one event, whatever stands in it', () => {
    const text = encodeEvent({ id: 1, event: 'text', data: { text: NASTY } });
    expect(text).not.toMatch(/[\r\u2028\u2029]/);
    const [event, ...others] = eventsIn(text);
    expect(others).toEqual([]);
    expect(JSON.parse(event?.['data'] ?? '')).toEqual({ text: NASTY });
  });

  it('comes out as it went in, for any data', () => {
    fc.assert(
      fc.property(fc.nat(), fc.jsonValue(), (id, data) => {
        const [event, ...others] = eventsIn(encodeEvent({ id, event: 'x', data }));
        expect([event?.['id'], others]).toEqual([String(id), []]);
        expect(JSON.stringify(JSON.parse(event?.['data'] ?? ''))).toBe(JSON.stringify(data));
      }),
    );
  });

  it.each(['', 'a b', 'A', 'a\nb', 'a:b', `${'a'.repeat(65)}`])('has no name like %j', (event) => {
    expect(() => encodeEvent({ event, data: 1 })).toThrow(TypeError);
  });

  it('is none when it is a sign of life or a time to wait', () => {
    expect(eventsIn(encodeHeartbeat() + encodeRetry(1_000.4))).toEqual([]);
    expect(encodeRetry(1_000.4)).toBe('retry: 1000\n\n');
  });
});
