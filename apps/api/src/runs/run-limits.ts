/** Sooner than a second no model answers; what takes longer than an hour is a workflow. */
export const MIN_TIMEOUT_MS = 1_000;
export const MAX_TIMEOUT_MS = 3_600_000;
/** More entries than any journal has. */
export const MAX_SEQ = 999_999_999;
/** The names of other systems: numbers, UUIDs, paths, URNs. */
export const EXTERNAL_ID = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/;
/** Codes of ours. */
export const ERROR_CODE = /^[a-z][a-z0-9_]{0,63}$/;
