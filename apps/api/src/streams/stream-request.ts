import { LastEventIdInvalidError } from './streams.errors.js';

/** A place in a journal. */
const PLACE = /^\d{1,9}$/;
const EVENTS = new Set(['text/event-stream', 'text/*', '*/*']);

/** Whether a reader takes events. One that says nothing takes everything. */
export function acceptsEvents(accept: string | undefined): boolean {
  if (accept === undefined || accept.trim() === '') return true;
  return accept.split(',', 50).some((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    return EVENTS.has(type) && !parameters.some((parameter) => /^q=0(?:\.0{0,3})?$/.test(parameter));
  });
}

/** The last event that a reader has; 0 when it comes for the first time. */
export function lastEventIdOf(header: string | readonly string[] | undefined): number {
  if (header === undefined || header === '') return 0;
  if (typeof header !== 'string' || !PLACE.test(header)) throw new LastEventIdInvalidError();
  return Number(header);
}
