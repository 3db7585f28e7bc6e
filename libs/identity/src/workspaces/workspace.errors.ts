import { DomainError } from '@flowmate/domain';

/** Nobody gives what he does not have, and nobody is made admin of an instance by a workspace. */
export class RoleAboveOwnError extends DomainError {
  readonly kind = 'forbidden';
  readonly code = 'forbidden_role';

  constructor() {
    super('Your role does not allow this.');
  }
}

export class LastManagerError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'last_manager';

  constructor() {
    super('This is the last manager of the workspace. Make somebody else one first, or delete the workspace.');
  }
}

export class PersonalWorkspaceError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'personal_workspace';

  constructor() {
    super('A personal workspace is for one person and goes with the account. Make another one for a team.');
  }
}

export class AlreadyMemberError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'already_member';

  constructor() {
    super('This person is a member of the workspace already.');
  }
}

export class InviteRaceError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'invite_race';

  constructor() {
    super('Somebody else invited this person at the same moment.');
  }
}
