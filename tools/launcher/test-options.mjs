const SUITES = ['unit', 'int', 'e2e'];
/** Two workers: measured on two cores; each may hold a gigabyte. */
const WORKERS = ['-w', '2'];
const WORKER_FLAGS = /^(-w|--maxWorkers|-i|--runInBand)\b/;
const FAILED_BEFORE = /^--failed-before=(.*)$/;

/**
 * Everything that is not ours is Jest's: paths, `-t`, `--coverage`.
 * @param {readonly string[]} argv
 * @returns {{ suites: string[], failedBefore: string[], jestArgs: string[] }}
 */
export function readTestOptions(argv) {
  const suites = SUITES.filter((suite) => argv.includes(`--${suite}`));
  const before = argv.map((arg) => FAILED_BEFORE.exec(arg)?.[1]).find(Boolean);
  const others = argv.filter((arg) => !FAILED_BEFORE.test(arg) && !SUITES.some((suite) => arg === `--${suite}`));
  return {
    suites: suites.length > 0 ? suites : SUITES,
    failedBefore: before?.split(',') ?? [],
    jestArgs: others.some((arg) => WORKER_FLAGS.test(arg)) ? others : [...WORKERS, ...others],
  };
}
