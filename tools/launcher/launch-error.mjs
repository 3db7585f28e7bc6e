/** A foreseen reason not to go on. Its message is all the reader needs; a stack would only hide it. */
export class LaunchError extends Error {
  /**
   * @param {string} message
   * @param {{ exitCode?: number, output?: string }} [more] `output` is what a failed command wrote.
   */
  constructor(message, { exitCode = 1, output = '' } = {}) {
    super(message);
    this.exitCode = exitCode;
    this.output = output;
  }
}
