// Runs `npm audit` and tells a finding from a registry that does not answer: the first stops a release,
// the second is somebody else's outage. Only npm's JSON tells the two apart, its exit code is 1 for both.
import { spawnSync } from 'node:child_process';

/** No retries and a short wait: an unreachable registry must not hold up the pipeline for minutes. */
const NPM_AUDIT = ['audit', '--json', '--audit-level=high', '--fetch-retries=0', '--fetch-timeout=30000'];

const say = (/** @type {string} */ text) => process.stdout.write(`${text}\n`);

/** @typedef {{ name: string, severity: string, range: string, fixAvailable: unknown }} Finding */

const { stdout, stderr } = spawnSync('npm', NPM_AUDIT, { encoding: 'utf8', maxBuffer: 2 ** 26 });
const report = parse(stdout);
if (report?.metadata?.vulnerabilities) {
  /** @type {Finding[]} */
  const findings = Object.values(report.vulnerabilities ?? {});
  const grave = findings.filter(({ severity }) => severity === 'high' || severity === 'critical');
  for (const { name, severity, range, fixAvailable } of grave) {
    say(`${severity}: ${name} ${range}${fixAvailable ? ' (a fix is available)' : ''}`);
  }
  say(`${grave.length} high or critical, ${findings.length - grave.length} lesser findings.`);
  process.exitCode = grave.length > 0 ? 1 : 0;
} else if (report?.message && !report.error?.code) {
  // npm gives its own refusals, such as a missing lock, a code; a request that failed has only a message.
  say(`NOT AUDITED: the registry gave no answer. npm says: ${report.message}`);
} else {
  say(`npm audit did not work:\n${stderr.trim() || stdout.trim()}`);
  process.exitCode = 1;
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null; // npm died before it wrote a report
  }
}
