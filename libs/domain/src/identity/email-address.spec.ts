import { emailAddress } from './email-address.js';

describe('an e-mail address', () => {
  it.each([
    ['ADMIN@X.io', 'admin@x.io'],
    ['a.b+tag@sub.example.com', 'a.b+tag@sub.example.com'],
    ["o'hara@example.ie", "o'hara@example.ie"],
    ['müller@example.de', 'müller@example.de'],
  ])('%s is the account %s', (text, account) => expect(emailAddress(text)).toBe(account));

  it.each(['admın@x.io', 'ａdmin@x.io', 'аdmin@x.io', 'admin@х.io', 'ADMİN@x.io'])(
    'that only looks like another is not that other: %s',
    (text) => expect(emailAddress(text)).not.toBe('admin@x.io'),
  );

  it.each([
    '',
    'a',
    '@x.io',
    'a@',
    'a@x',
    'a@@x.io',
    'a@b@x.io',
    'a@x.io\r\nBcc: e@y.io',
    'a\u0000@x.io',
    'a b@x.io',
    'a@x .io',
    'a@-x.io',
    'a@x..io',
    '.a@x.io',
    'a..b@x.io',
    '"a"@x.io',
    'a@[127.0.0.1]',
    'a\u202e@x.io',
    'a\u200b@x.io',
    'a\ud800@x.io',
    `${'a'.repeat(65)}@x.io`,
    `a@${'x'.repeat(250)}.io`,
  ])('is not: %j', (text) => expect(emailAddress(text)).toBeUndefined());
});
