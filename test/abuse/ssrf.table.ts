/**
 * Where an attacker sends us instead of the public internet. Pure data: whoever takes a URL from outside
 * runs these rows against its own door and expects a refusal and no connection.
 */
export interface SsrfRow {
  readonly id: string;
  readonly target: string;
}

export interface NameRow {
  readonly id: string;
  readonly title: string;
  /** What the attacker's name server answers. */
  readonly answers: readonly string[];
}

/** Each host as https and as http: a relaxed scheme must not relax the address. */
const hosts = (id: string, names: readonly string[]): SsrfRow[] =>
  names.flatMap((name) => [
    { id, target: `https://${name}/` },
    { id, target: `http://${name}/latest/meta-data/` },
  ]);

const urls = (id: string, targets: readonly string[]): SsrfRow[] => targets.map((target) => ({ id, target }));

const PUBLIC_V4 = '93.184.216.34';
const PUBLIC_V6 = '2606:2800:21f:cb07:6820:80da:af6b:8b2c';

/** First, last and a usual address of every range that is nobody's public service. */
export const NON_PUBLIC_ADDRESSES: readonly string[] = `
  10.0.0.0 10.1.2.3 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1 192.168.255.255 100.64.0.0
  100.100.100.200 100.127.255.255 169.254.0.1 169.254.169.254 169.254.170.2 169.254.255.255 127.0.0.1
  127.0.0.53 127.255.255.255 0.0.0.0 0.1.2.3 192.0.0.0 192.0.0.192 192.0.0.255 192.0.2.1 198.51.100.1
  203.0.113.1 198.18.0.0 198.19.255.255 192.88.99.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.254
  255.255.255.255 :: ::1 fd00:ec2::254 fc00::1 fe80::1 febf::1 fec0::1 ff02::1 ::ffff:127.0.0.1
  ::ffff:10.0.0.1 ::127.0.0.1 ::ffff:0:127.0.0.1 64:ff9b::7f00:1 64:ff9b:1::7f00:1 2002:7f00:1::
  2002:a9fe:a9fe::1 2001:0:53aa:64c::1 2001:db8::1 3fff::1 100::1 5f00::1 4000::1
`
  .trim()
  .split(/\s+/);

const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address);

export const SSRF_URLS: readonly SsrfRow[] = [
  ...hosts('Y01', ['127.0.0.1', 'localhost', 'localhost.', '127.1', '2130706433', '0x7f.1', '0177.0.0.1']),
  ...hosts('Y01', ['①②⑦.0.0.1', 'LOCALHOST', 'a.localhost', '0x7f000001', '017700000001', '127.0.1', '127.0.0.1.']),
  ...hosts('Y02', ['0.0.0.0', '0', '[::]', '[::1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[64:ff9b::7f00:1]']),
  ...hosts('Y02', ['[2002:7f00:1::]', '[0:0:0:0:0:ffff:127.0.0.1]', '[::127.0.0.1]', '[::ffff:0:127.0.0.1]']),
  ...hosts('Y03', NON_PUBLIC_ADDRESSES.map(bracketed)),
  ...hosts('Y03', ['0xa9fea9fe', '2852039166', '0251.0376.0251.0376', '[::ffff:169.254.169.254]', '[fe80::1%25eth0]']),
  ...hosts('Y04', [
    'metadata.google.internal',
    'METADATA.google.internal.',
    'flowmate-redis.default.svc.cluster.local',
  ]),
  ...hosts('Y04', [
    'redis.default.svc',
    'kubernetes.default',
    'kubernetes.default.svc',
    'kubernetes',
    'redis',
    'mongo',
  ]),
  ...hosts('Y04', ['printer.local', 'vault.internal', 'router.lan', 'nas.home.arpa', 'localhost.localdomain']),
  ...urls('Y08', ['http://public@127.0.0.1/', 'http://127.0.0.1#@public/', 'https://user:secret@example.com/']),
  ...urls('Y08', ['https://example.com@127.0.0.1/', 'https://@127.0.0.1/', 'https://:@example.com/']),
  ...urls('Y08', ['https://example.com/#fragment', 'https://example.com#', 'https://127.0.0.1\\@example.com/']),
  ...urls('Y08', ['https:\\\\127.0.0.1/', 'https://example.com\\.127.0.0.1/', 'https://exam\tple.com/']),
  ...urls('Y08', [
    'https://local\nhost/',
    'https://127.0.\r\n0.1/',
    ' https://example.com/',
    'https://example.com/\u0000',
  ]),
  ...urls('Y08', ['https://example.com./', 'https://example.com../', 'https://example..com/', 'https://.example.com/']),
  ...urls('Y08', ['https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/', 'https://ｌocalhost/', 'https://127。0。0。1/', 'https://bücher.example/']),
  ...urls('Y08', [
    'https://%6c%6f%63%61%6c%68%6f%73%74/',
    'https://ex%61mple.com/',
    'https://127.0.0.1%00.example.com/',
    'https:127.0.0.1/',
  ]),
  ...urls('Y08', [
    'https:///127.0.0.1/',
    'https:/127.0.0.1/',
    '//127.0.0.1/',
    '/etc/passwd',
    '',
    'https://',
    'https://[::1',
  ]),
  ...urls('Y08', [`https://example.com/${'a'.repeat(2_048)}`, `https://${'a.'.repeat(127)}example.com/`]),
  ...urls('Y08', [
    'file:///etc/passwd',
    'ftp://example.com/',
    'gopher://127.0.0.1:6379/_FLUSHALL',
    'ws://example.com/',
  ]),
  ...urls('Y08', [
    'data:text/plain,hello',
    'javascript://example.com/%0aalert(1)',
    'blob:https://example.com/1',
    'dict://x/',
  ]),
  ...[6379, 27017, 25, 22, 9000, 9090, 9091, 8443, 1, 65535].flatMap((port) =>
    urls('Y09', [`https://example.com:${port}/`, `http://example.com:${port}/`]),
  ),
  ...urls('Y09', [
    'https://example.com:80/',
    'http://example.com:443/',
    'https://example.com:0/',
    'https://example.com:70000/',
  ]),
];

export const SSRF_NAMES: readonly NameRow[] = [
  { id: 'Y05', title: 'one public and one private answer', answers: [PUBLIC_V4, '10.0.0.5'] },
  {
    id: 'Y05',
    title: 'a private answer after many public ones',
    answers: [...Array<string>(20).fill(PUBLIC_V4), '127.0.0.1'],
  },
  { id: 'Y05', title: 'a public A and a private AAAA', answers: [PUBLIC_V4, 'fd00:ec2::254'] },
  { id: 'Y05', title: 'a private AAAA only', answers: ['fd12:3456::1'] },
  { id: 'Y05', title: 'an IPv4-mapped AAAA', answers: [PUBLIC_V6, '::ffff:169.254.169.254'] },
  { id: 'Y05', title: 'an AAAA with a zone', answers: ['fe80::1%eth0'] },
  { id: 'Y05', title: 'something that is no address', answers: ['metadata.google.internal'] },
  ...NON_PUBLIC_ADDRESSES.map((address) => ({ id: 'Y05', title: `only ${address}`, answers: [address] })),
];

/** Must stay reachable, or the guard is only a switch that is off. */
export const PUBLIC_URLS: readonly string[] = [
  'https://api.github.com/repos/o/r/issues?state=open&q=a%20b',
  'HTTPS://API.GitHub.com:443/',
  'https://xn--bcher-kva.example.com/',
  'https://a_b.example.co.uk/path/with/ünicode?q=@x:y',
  'https://localhost.example.com/',
  'https://internal.example.com/',
  `https://${PUBLIC_V4}/`,
  `https://[${PUBLIC_V6}]/`,
  `https://[::ffff:${PUBLIC_V4}]/`,
  `https://[64:ff9b::${PUBLIC_V4}]/`,
];
