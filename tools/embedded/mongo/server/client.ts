import type { ScramConversation } from './scram.ts';

/** What the server knows of one connection. */
export interface Client {
  readonly id: number;
  /** Said hello: who only connects is cut off. */
  greeted: boolean;
  /** Gave the password. */
  loggedIn: boolean;
  login: ScramConversation | undefined;
  /** The proof was right, the client's empty last step is still to come. */
  proven: boolean;
}

export const newClient = (id: number): Client => ({
  id,
  greeted: false,
  loggedIn: false,
  login: undefined,
  proven: false,
});
