/** The time of this process. A test hands in its own. */
export type Clock = () => Date;

export const systemClock: Clock = () => new Date();
