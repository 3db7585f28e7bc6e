import type { MailData } from '../mail.js';
import { withoutLinks, type Letter } from './page.js';

export const notice = ({ subject, text }: MailData['notice']): Letter => ({
  subject: withoutLinks(subject),
  heading: withoutLinks(subject),
  paragraphs: text
    .split(/\r\n|[\r\n]/)
    .filter((line) => line.trim() !== '')
    .map(withoutLinks),
  footer: [
    'An agent of a workspace that you belong to wrote this mail. What it says may come from anywhere:',
    'never pass on a password or a link to sign in because of it.',
  ],
});
