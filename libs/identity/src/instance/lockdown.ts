import type { InstanceRepository } from '@flowmate/database';
import { INSTANCE_TRAIL, type AuditEntry, type AuditTrail } from '@flowmate/domain';
import type { Clock } from '../clock.js';

/** How long an answer is good: a lockdown is felt within this. */
const FRESH_MS = 5_000;

/** Makes the whole instance read-only for all but admins. */
export class Lockdown {
  private known: { readonly isOn: boolean; readonly at: number } | undefined;
  private asking: Promise<boolean> | undefined;

  constructor(
    private readonly parts: { instance: InstanceRepository; audit: AuditTrail; clock: Clock },
    private readonly monotonic: () => number = () => performance.now(),
  ) {}

  /** From memory for five seconds. When the store does not answer, it fails: nobody writes on a guess. */
  isOn(): Promise<boolean> {
    if (this.known && this.monotonic() - this.known.at < FRESH_MS) return Promise.resolve(this.known.isOn);
    this.asking ??= this.ask().finally(() => (this.asking = undefined));
    return this.asking;
  }

  since(): Promise<Date | undefined> {
    return this.parts.instance.lockedSince();
  }

  async set(isOn: boolean, by: Pick<AuditEntry, 'actor' | 'from'>): Promise<void> {
    await this.parts.instance.setLocked(isOn ? this.parts.clock() : undefined);
    this.known = undefined;
    const action = isOn ? 'instance.locked' : 'instance.unlocked';
    await this.parts.audit.record({ trail: INSTANCE_TRAIL, outcome: 'done', ...by, action });
  }

  private async ask(): Promise<boolean> {
    const at = this.monotonic();
    const isOn = (await this.parts.instance.lockedSince()) !== undefined;
    this.known = { isOn, at };
    return isOn;
  }
}
