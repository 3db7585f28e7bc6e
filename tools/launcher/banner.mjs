import { duration } from './terminal.mjs';

/**
 * What there is to see, as rows; a later version adds rows and nothing else.
 * @param {string | undefined} front    where the api answers, if there is one
 * @param {string | undefined} inside   where the worker does
 * @param {{ signIn?: string | undefined, trial?: string | undefined }} [ways]   a link that signs in, once; a line that runs an agent
 * @returns {[label: string, value: string][]}
 */
export function offers(front, inside, { signIn, trial } = {}) {
  /** @type {[label: string, value: string][]} */
  const api = [
    ['API', `${front}`],
    ['Swagger UI', `${front}/api/docs`],
    ['Try', trial ?? `curl -s ${front}/`],
  ];
  /** @type {[label: string, value: string][]} */
  const first = [
    ['Sign in', `${signIn}  (once, within ten minutes)`],
    ['Mailbox', `${front}/dev/mailbox`],
  ];
  return [...(signIn ? first : []), ...(front ? api : []), ...(inside ? [detailsOf(inside)] : [])];
}

/**
 * @param {string} inside
 * @returns {[label: string, value: string]}
 */
const detailsOf = (inside) => ['Health', `curl -s ${inside}/health/details`];

/** What nobody may learn too late. */
export const STORE_NOTES = [
  'The stores are for trying and developing on this machine, not for production (npm start -- --help).',
  'Their passwords are in .flowmate/stores/passwords.json; the user of MongoDB is flowmate.',
];

/**
 * @param {{ version: string, names: readonly string[], tookMs: number, rows: readonly [string, string][], notes: readonly string[] }} content
 * @returns {string}
 */
export function banner({ version, names, tookMs, rows, notes }) {
  const width = Math.max(0, ...rows.map(([label]) => label.length));
  return [
    '',
    `FlowMate ${version} is running (${names.join(', ')}; ready in ${duration(tookMs)})`,
    '',
    ...rows.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`),
    '',
    ...notes,
    'Ctrl-C stops everything.',
    '',
  ].join('\n');
}
