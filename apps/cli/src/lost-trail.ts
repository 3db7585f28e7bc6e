import { AuditRepository, UserRepository, type Database } from '@flowmate/database';
import { INSTANCE_TRAIL } from '@flowmate/domain';

/**
 * Whether the trail of the instance was taken away as a whole, with its head: nobody has an account without an entry
 * there, and retention always leaves the newest one.
 */
export async function isInstanceTrailLost(database: Database): Promise<boolean> {
  if (await new AuditRepository(database).head(INSTANCE_TRAIL)) return false;
  return !(await new UserRepository(database).isEmpty());
}
