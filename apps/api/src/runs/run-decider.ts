import { fold, type Decider, type Effect, type Principal, type Run } from '@flowmate/domain';

/** Who decides, as journals name him. */
export function deciderOf(caller: Principal): Decider {
  return caller.kind === 'key' ? { kind: 'key', id: caller.keyId } : { kind: 'user', id: caller.userId };
}

/** What a run has committed, or may have. */
export const effectsOf = ({ journal }: Pick<Run, 'journal'>): readonly Effect[] => fold(journal).effects;
