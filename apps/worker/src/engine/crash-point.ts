/** Places at which a test may kill this process, as a power cut would. */
const CRASH_POINTS = [
  'after-claim',
  'after-answer',
  'after-intent',
  'after-effect',
  'after-result',
  'after-result-commit',
  'after-end',
  'during-beat',
] as const;
export type CrashPoint = (typeof CRASH_POINTS)[number];

/** Kills this process at the nth passing of one place, when a test has armed it. */
export class CrashPoints {
  private left: number;

  constructor(private readonly armed: { readonly point: string; readonly nth: number } | undefined) {
    this.left = armed?.nth ?? 0;
  }

  pass(point: CrashPoint): void {
    if (this.armed?.point !== point) return;
    this.left -= 1;
    if (this.left === 0) process.kill(process.pid, 'SIGKILL');
  }
}

/** `name:n`, or nothing. A name that is none kills nobody. */
export function crashPointFrom(
  setting: string | undefined,
): { readonly point: string; readonly nth: number } | undefined {
  const [point = '', nth = '1'] = setting?.split(':') ?? [];
  return point === '' ? undefined : { point, nth: Number(nth) };
}
