import { waitSecondsOf } from './prefer.js';

describe('the wish to wait', () => {
  it.each<[string | undefined, number | undefined]>([
    ['wait=5', 5],
    ['Wait = "5"', 5],
    ['respond-async, wait=10', 10],
    ['wait=0', 0],
    ['wait=61', 60],
    ['wait=999999', 60],
    [undefined, undefined],
    ['', undefined],
    ['respond-async', undefined],
    ['wait', undefined],
    ['wait=', undefined],
    ['wait=-1', undefined],
    ['wait=1e3', undefined],
    ['await=5', undefined],
  ])('in %j is %j', (header, seconds) => expect(waitSecondsOf(header)).toBe(seconds));
});
