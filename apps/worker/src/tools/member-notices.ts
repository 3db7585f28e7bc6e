import { createHash } from 'node:crypto';
import type { MembershipRepository, UserRepository } from '@flowmate/database';
import type { Outbox } from '@flowmate/mail';
import type { Notice, NoticePort } from '@flowmate/tools';

export interface MemberNoticesParts {
  readonly users: UserRepository;
  readonly memberships: MembershipRepository;
  readonly outbox: Outbox;
}

/** An id of the outbox has 24 hex digits. The key is a hash already; nobody finds two calls that share 96 bits. */
const ID_LENGTH = 24;

const idOf = (key: string, address: string): string =>
  createHash('sha256').update(`${key}|${address}`).digest('hex').slice(0, ID_LENGTH);

/** Mail of agents to the people of their workspace, through the outbox. */
export class MemberNotices implements NoticePort {
  constructor(private readonly parts: MemberNoticesParts) {}

  /** The ids come from the key, so what a try before has put is not put again. */
  async send({ workspaceId, to, subject, text, key }: Notice): Promise<'accepted' | 'not_members'> {
    const members = await Promise.all(to.map((address) => this.isMember(workspaceId, address)));
    if (members.includes(false)) return 'not_members';
    const { outbox } = this.parts;
    await Promise.all(
      to.map((address) => outbox.put('notice', address, { subject, text }, { id: idOf(key, address) })),
    );
    return 'accepted';
  }

  private async isMember(workspaceId: string, address: string): Promise<boolean> {
    const user = await this.parts.users.findByEmail(address);
    if (!user || user.disabledAt || user.deletedAt) return false;
    return (await this.parts.memberships.find({ workspaceId }, user.id)) !== null;
  }
}
