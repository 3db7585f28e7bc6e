import { flowmate } from './harness/flowmate.js';

describe('results of flowmate', () => {
  it('end without a word when nobody reads them any more', async () => {
    expect(await flowmate(['--help'], {}, { hangsUp: true })).toEqual({ code: 1, out: '', err: '' });
    expect(await flowmate(['--help'])).toMatchObject({ code: 0, err: '' });
  });
});
