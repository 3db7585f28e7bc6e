/** What MongoDB itself announces and enforces. */
export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;
export const MAX_MESSAGE_BYTES = 48_000_000;
export const MAX_WRITE_BATCH = 100_000;

/** A handshake or a step of SCRAM is below 2 KB; nobody who has not given the password may send more than this. */
export const MAX_BYTES_BEFORE_LOGIN = 64 * 1024;

/** Who connects says hello within this time; a driver does so at once. */
export const HELLO_WITHIN_MS = 10_000;

/** On loopback 48 MB take well under a second: a message that is not whole after this never will be. */
export const WHOLE_MESSAGE_WITHIN_MS = 30_000;

/** Monitors of drivers never log in and stay, so they need room: a driver has one for each server. */
export const MAX_CONNECTIONS_BEFORE_LOGIN = 1_000;
export const MAX_CONNECTIONS = 5_000;

/** Complete messages that wait behind the running one; above this the socket is no longer read. */
export const MAX_WAITING_BYTES = 1024 * 1024;
export const MAX_WAITING_MESSAGES = 256;

/** An operation in flight may finish for this long after SIGTERM. */
export const FINISH_WITHIN_MS = 5_000;

/** Makes guessing slow without holding up who mistyped. */
export const FAILED_LOGIN_DELAY_MS = 200;
