import type { ExecutionContext } from '@nestjs/common';
import { LocalHostGuard } from './local-host.guard.js';

const guard = new LocalHostGuard({ origin: 'https://flowmate.example' } as never);

function ask(remoteAddress: string | undefined, { host = '127.0.0.1:9000', localAddress = '192.0.2.1' } = {}): string {
  const socket = { remoteAddress, localAddress };
  const getRequest = () => ({ headers: { host, 'x-forwarded-for': '127.0.0.1' }, socket });
  try {
    guard.canActivate({ switchToHttp: () => ({ getRequest }) } as unknown as ExecutionContext);
    return 'answered';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('what is only for the machine itself', () => {
  it.each(['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1'])('answers %s', (address) =>
    expect(ask(address)).toBe('answered'),
  );

  it('answers who talks to an address of this machine from this machine', () =>
    expect(ask('192.0.2.1', { localAddress: '192.0.2.1' })).toBe('answered'));

  it.each(['192.0.2.7', '::ffff:192.0.2.7', '2001:db8::1', '10.0.0.1', '127.0.0.1.evil', '', undefined])(
    'tells %s why not, whatever he calls us and whoever he says he is',
    (address) => {
      for (const host of ['127.0.0.1:9000', 'localhost:9000', 'flowmate.example'])
        expect(ask(address, { host })).toBe('local_only');
    },
  );

  it('knows no names but its own', () => {
    expect(ask('127.0.0.1', { host: 'flowmate.example' })).toBe('answered');
    expect(ask('127.0.0.1', { host: 'evil.example' })).toBe('not_found');
  });
});
