import {
  ALL_PERMISSIONS,
  KEY_ROLES,
  PERMISSIONS,
  permissionsOf,
  permissionsOfKey,
  permissionsOfMember,
  ROLES,
} from './permission.js';

describe('what a role may do', () => {
  it('is read from the table, for every role and permission', () => {
    for (const role of ROLES)
      for (const permission of ALL_PERMISSIONS)
        expect(permissionsOf(role).has(permission)).toBe(
          (PERMISSIONS[permission].roles as readonly string[]).includes(role),
        );
  });

  it('is nothing for an agent', () => expect(permissionsOf('agent').size).toBe(0));

  it('never lets a key make keys, manage people or the instance', () => {
    for (const role of KEY_ROLES)
      for (const permission of permissionsOf(role))
        expect(permission).not.toMatch(/manage|create|account:write|^users|^instance|^sessions/);
  });

  it('does not let an admin into workspaces', () => {
    expect([...permissionsOf('admin')].filter((permission) => /^(members|keys|audit)/.test(permission))).toEqual([]);
  });

  it('of a member is the lower of the ceiling and the role in the workspace', () => {
    expect(permissionsOfMember('manager', 'manager')).toEqual(permissionsOf('manager'));
    expect(permissionsOfMember('manager', 'analyst')).toEqual(permissionsOf('analyst'));
    expect(permissionsOfMember('analyst', 'manager')).toEqual(permissionsOf('analyst'));
    expect(permissionsOfMember('admin', 'analyst').has('users:manage')).toBe(true);
    expect(permissionsOfMember('admin', 'analyst').has('members:manage')).toBe(false);
  });

  it('of a key is what its scopes, its role and its owner all allow', () => {
    const owner = permissionsOf('analyst');
    expect([...permissionsOfKey('service', ['members:read', 'keys:manage', 'workspaces:manage'], owner)]).toEqual([
      'members:read',
    ]);
    expect(permissionsOfKey('integration', ['members:read'], owner).size).toBe(0);
    expect(permissionsOfKey('service', ['members:read'], new Set()).size).toBe(0);
  });
});
