/** RFC 5321: the longest path is 256 with its brackets. */
const MAX_LENGTH = 254;
const MAX_LOCAL = 64;

// A letter, digit or one of RFC 5322's atoms; what it allows in quotes nobody has and many attacks do.
const LOCAL = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
// Letters of other scripts are themselves: `ı` is no `i` and `ａ` no `a`. Controls, spaces and separators never pass.
const FOREIGN = /^[^\p{ASCII}\p{C}\p{Z}]$/u;

/**
 * The form under which an address is an account, or `undefined` for what is none. ASCII letters lose their case;
 * no other letter is folded into one of them, so no address that looks like another is that other.
 */
export function emailAddress(text: string): string | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const at = text.lastIndexOf('@');
  const [local, domain] = [text.slice(0, at), text.slice(at + 1)];
  if (at < 1 || local.length > MAX_LOCAL || !LOCAL.test(asciiStandIn(local))) return undefined;
  const labels = domain.split('.');
  if (labels.length < 2 || !labels.every((label) => LABEL.test(asciiStandIn(label)))) return undefined;
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Each character that is no ASCII but may stand in an address becomes an `x`, for the rules above. */
function asciiStandIn(text: string): string {
  return [...text].map((character) => (FOREIGN.test(character) ? 'x' : character)).join('');
}
