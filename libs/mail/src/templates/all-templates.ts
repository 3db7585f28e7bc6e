import type { MailData, MailKind, MailText } from '../mail.js';
import { accountDeletion } from './account-deletion.template.js';
import { invite } from './invite.template.js';
import { notice } from './notice.template.js';
import { write, type Letter } from './page.js';
import { securityNotice } from './security-notice.template.js';
import { signIn } from './sign-in.template.js';

const TEMPLATES: { readonly [Kind in MailKind]: (data: MailData[Kind]) => Letter } = {
  'sign-in': signIn,
  invite,
  'security-notice': securityNotice,
  notice,
  'account-deletion': accountDeletion,
};

export const MAIL_KINDS = Object.keys(TEMPLATES) as readonly MailKind[];

export const isMailKind = (text: string): text is MailKind => Object.hasOwn(TEMPLATES, text);

/** The words of a mail, in both parts. */
export function writeMail<Kind extends MailKind>(kind: Kind, data: MailData[Kind]): MailText {
  return write(TEMPLATES[kind](data));
}
