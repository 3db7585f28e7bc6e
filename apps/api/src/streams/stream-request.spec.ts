import { acceptsEvents, lastEventIdOf } from './stream-request.js';

describe('a reader of events', () => {
  it.each([
    undefined,
    '',
    'text/event-stream',
    '*/*',
    'text/*;q=0.5',
    'text/html, text/event-stream',
    'TEXT/EVENT-STREAM',
  ])('is one that accepts %j', (accept) => expect(acceptsEvents(accept)).toBe(true));

  it.each(['text/html', 'application/json', 'text/event-stream;q=0', 'text/event-streams', 'text'])(
    'Z10 is none that accepts only %j',
    (accept) => expect(acceptsEvents(accept)).toBe(false),
  );

  it.each<[string | undefined, number]>([
    [undefined, 0],
    ['', 0],
    ['0', 0],
    ['17', 17],
  ])('who has had %j has had %i', (header, place) => expect(lastEventIdOf(header)).toBe(place));

  it.each(['-1', '1e30', 'abc', '1.5', ' 1', '9'.repeat(5_000), '{"$gt":0}'])('Z03 has had no event %j', (header) => {
    expect(() => lastEventIdOf(header)).toThrow('Last-Event-ID');
  });
});
