/** `skipped`: something else has to be mended first. */
type FindingStatus = 'ok' | 'warn' | 'fail' | 'skipped';

/** What one look at the system found. */
export interface Finding {
  readonly check: string;
  readonly status: FindingStatus;
  readonly says: string;
  /** What to do about it. */
  readonly todo?: string;
  /** Starting again will not help: a setting is wrong. */
  readonly isConfiguration?: boolean;
}

export const ok = (check: string, says: string): Finding => ({ check, status: 'ok', says });
export const warn = (check: string, says: string, todo: string): Finding => ({ check, status: 'warn', says, todo });
export const fail = (check: string, says: string, todo: string): Finding => ({ check, status: 'fail', says, todo });
export const skipped = (check: string, says: string): Finding => ({ check, status: 'skipped', says });

/** A setting is wrong, or the store that it names is not fit. */
export const misconfigured = (check: string, says: string, todo: string): Finding => ({
  ...fail(check, says, todo),
  isConfiguration: true,
});
