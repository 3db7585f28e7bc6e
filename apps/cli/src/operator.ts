import { hostname, userInfo } from 'node:os';
import { VERSION, type AuditEntry } from '@flowmate/domain';

/** Who acts through the command line, as far as the machine knows: in a container often only a number. */
export function operator(): Required<Pick<AuditEntry, 'actor' | 'from'>> {
  return {
    actor: { kind: 'operator', id: userName() },
    from: { address: hostname(), userAgent: `flowmate-cli/${VERSION}` },
  };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // The user has no name on this machine, as in our images.
    return String(process.getuid?.() ?? 'unknown');
  }
}
