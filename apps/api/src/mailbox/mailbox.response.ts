/** One mail, for scripts. The page is made from the same. */
export class MailboxMailResponse {
  id: string;
  kind: string;
  to: string;
  subject: string;
  text: string;
  /** The one in its text, if there is one. */
  link: string | null;
  status: string;
  createdAt: string;
  sentAt: string | null;
}
