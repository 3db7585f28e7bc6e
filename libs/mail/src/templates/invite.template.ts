import type { MailData } from '../mail.js';
import { withoutLinks, type Letter } from './page.js';

export const invite = ({ workspace, inviter, role, url, days }: MailData['invite']): Letter => {
  const name = withoutLinks(workspace);
  return {
    subject: `${inviter} invites you to ${name} on FlowMate`,
    heading: `You are invited to ${name}`,
    paragraphs: [
      `${inviter} invites you to the workspace “${name}” on FlowMate, as ${role}.`,
      `The invitation is for this address alone and holds for ${days} days.`,
    ],
    action: { label: 'Accept the invitation', url },
    footer: ['You get this mail because you were invited. If you do not know who invites you, ignore it.'],
  };
};
