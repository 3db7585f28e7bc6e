import { stopInOrder } from './stop-in-order.js';

describe('stopping in order', () => {
  it('stops one part after the other and tells which', async () => {
    const seen: Array<string | undefined> = [];
    const step = (name: string) => ({ name, stop: async () => void seen.push(name, running.phase?.()) });
    const running = stopInOrder([step('server'), step('store')]);
    await running.stop();
    expect(seen).toEqual(['server', 'server', 'store', 'store']);
    expect(running.phase?.()).toBeUndefined();
  });

  it('stops the rest when a part fails, and then fails with all reasons', async () => {
    const stopped: string[] = [];
    const running = stopInOrder([
      { name: 'server', stop: () => Promise.reject(new Error('busy')) },
      { name: 'store', stop: async () => void stopped.push('store') },
    ]);
    await expect(running.stop()).rejects.toMatchObject({ errors: [new Error('busy')] });
    expect(stopped).toEqual(['store']);
  });
});
