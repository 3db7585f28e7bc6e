import { duration } from './terminal.mjs';

/**
 * What there is to see, as rows; a later version adds rows and nothing else.
 * @param {string | undefined} origin   where the api answers, if there is one
 * @returns {[label: string, value: string][]}
 */
export function offers(origin) {
  if (!origin) return [];
  return [
    ['API', origin],
    ['Swagger UI', `${origin}/api/docs`],
    ['Try', `curl -s ${origin}/`],
  ];
}

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
