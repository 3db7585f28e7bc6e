import type { MailData } from '../mail.js';
import { withoutLinks, type Letter } from './page.js';

const EVENTS: Readonly<Record<MailData['security-notice']['event'], Pick<Letter, 'heading' | 'paragraphs'>>> = {
  refresh_reused: {
    heading: 'A session was used in two places',
    paragraphs: [
      'A token of one of your sessions was used again after it had been replaced. Somebody may have a copy of it, so that session was ended on every device.',
      'Sign in again. If you do not know why this happened, end all your sessions and look whose devices are yours.',
    ],
  },
  identity_linked: {
    heading: 'A new way to sign in to your account',
    paragraphs: [
      'Your account can be entered from the OpenID provider of this instance from now on, because the provider vouches for your address.',
      'If it was not you, tell an administrator of this instance.',
    ],
  },
  sessions_ended: {
    heading: 'You were signed out everywhere',
    paragraphs: ['All sessions of your account were ended. Sign in again where you need it.'],
  },
};

export const securityNotice = ({ event, at, address, device }: MailData['security-notice']): Letter => {
  const { heading, paragraphs } = EVENTS[event];
  const facts = [
    `When: ${at.replace('T', ' ').replace(/(?:\.\d+)?Z$/, ' UTC')}.`,
    ...(address ? [`From: ${address}.`] : []),
    ...(device ? [`Device: ${withoutLinks(device)}.`] : []),
  ];
  return {
    subject: `FlowMate security: ${heading.toLowerCase()}`,
    heading,
    paragraphs: [...paragraphs, facts.join(' ')],
    footer: ['You get this mail because it is about the safety of your account. It cannot be switched off.'],
  };
};
