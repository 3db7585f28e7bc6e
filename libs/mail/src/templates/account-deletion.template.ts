import type { MailData } from '../mail.js';
import type { Letter } from './page.js';

export const accountDeletion = ({ until, url }: MailData['account-deletion']): Letter => ({
  subject: 'Your FlowMate account is deleted',
  heading: 'Your account is deleted',
  paragraphs: [
    'Your account and your personal workspace are closed, and all your sessions and keys have ended.',
    `Until ${until} you can take this back by signing in again. After that every trace of them is erased.`,
  ],
  action: { label: 'Take it back', url },
  footer: ['You get this mail because the account with this address was deleted. If it was not you, sign in now.'],
});
