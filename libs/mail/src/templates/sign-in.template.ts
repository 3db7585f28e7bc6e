import type { MailData } from '../mail.js';
import type { Letter } from './page.js';

export const signIn = ({ url, minutes }: MailData['sign-in']): Letter => ({
  subject: 'Sign in to FlowMate',
  heading: 'Sign in to FlowMate',
  paragraphs: [
    `Open this link in the browser in which you asked for it. It works once and for ${minutes} minutes.`,
    'On another device the page asks for the six digits that were shown where you asked.',
  ],
  action: { label: 'Sign in', url },
  footer: [
    'You get this mail because somebody asked for a link with this address.',
    'If it was not you, there is nothing to do: without the link nobody gets in. Never pass it on.',
  ],
});
