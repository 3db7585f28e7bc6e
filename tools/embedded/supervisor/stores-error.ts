/** A reason not to start that a person can act upon; its message is all there is to show. */
export class StoresError extends Error {}
