export type HealthFacts = Readonly<Record<string, string | number | boolean>>;

/** Something a process needs, and how to find out whether it does its work. */
export interface HealthComponent {
  readonly name: string;
  /** Without it the process cannot serve; the loss of any other only makes it slower or later. */
  readonly isRequired: boolean;
  /** Throws when the component does not do its work; what it returns is for operators. */
  check(signal: AbortSignal): Promise<HealthFacts>;
}
