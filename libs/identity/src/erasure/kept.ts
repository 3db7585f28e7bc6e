/** How long what was deleted can be had back: accounts and workspaces alike. */
export const DELETED_KEPT_DAYS = 30;
export const DELETED_KEPT_MS = DELETED_KEPT_DAYS * 86_400_000;
/** Clocks of processes differ by seconds: what is restored in its last moment is not erased by another one. */
export const ERASE_MARGIN_MS = 3_600_000;
