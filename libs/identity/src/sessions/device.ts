/** From where somebody signs in. */
export interface Device {
  readonly address: string;
  /** What the browser or program says it is: never trusted, only shown to its owner. */
  readonly userAgent: string;
}

/** Enough to tell a phone from a laptop. */
const MAX_LENGTH = 200;

/** Printable ASCII, cut short: what a header can hold else is no name of a device. */
export function deviceName(userAgent: string): string {
  return userAgent
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, MAX_LENGTH);
}
