import type { Violation } from '../checker/invariants.js';
import type { Profile } from '../system/profile.js';
import type { Stores } from '../system/stores.js';
import { System } from '../system/system.js';

export interface Context {
  readonly stores: Stores;
  readonly profile: Profile;
  readonly kills: number;
  /** Whether takeovers have to be in time. */
  readonly isTimed: boolean;
  readonly seconds: number;
  /** Of each crash point. */
  readonly times: number;
  readonly random: () => number;
  readonly tell: (line: string) => void;
}

export interface Outcome {
  /** What was measured, in a line. */
  readonly figures: string;
  /** More lines, for a table of its own. */
  readonly details?: readonly string[];
  readonly violations: readonly Violation[];
}

/** A fault, and what must hold while it is there and after it. */
export interface Scenario {
  /** As the reliability table names it. */
  readonly id: string;
  readonly title: string;
  /** Why it cannot be run on this machine. */
  readonly unable?: (context: Context) => string | undefined;
  readonly run: (context: Context) => Promise<Outcome>;
}

/** A bound of the scenario itself, beside the invariants. */
export const bound = (isKept: boolean, what: string): Violation[] => (isKept ? [] : [{ rule: 'bound', what }]);

/** Everything of a scenario is gone when it is over, however it ended. */
export async function inSystem(context: Context, work: (system: System) => Promise<Outcome>): Promise<Outcome> {
  const system = await System.start(context);
  try {
    return await work(system);
  } finally {
    await system.dispose();
  }
}
