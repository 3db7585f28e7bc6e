import { emailAddress } from '@flowmate/domain';
import { z } from 'zod';
import { ToolFailure } from '../port/tool-failure.js';
import type { Tool, ToolManifest } from '../port/tool.js';

export interface Notice {
  readonly workspaceId: string;
  /** As `emailAddress` of the domain writes them, each once. */
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly key: string;
}

/** Mail to people of the workspace. The worker binds it. */
export interface NoticePort {
  /** To all of them or, when one is no member, to nobody. The same key again sends nothing more. */
  send(notice: Notice): Promise<'accepted' | 'not_members'>;
}

/** A team; whoever wants to reach more has a mailing list. */
const MAX_RECIPIENTS = 10;
const MAX_TEXT_BYTES = 16 * 1_024;

// Any control or separator, and what hides or turns text around.
const ONE_LINE = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u;

const args = z.strictObject({
  to: z
    .array(
      z
        .string()
        .max(254)
        .transform((text, context) => {
          const address = emailAddress(text);
          if (address === undefined) context.addIssue('no e-mail address');
          return address ?? z.NEVER;
        }),
    )
    .min(1)
    .max(MAX_RECIPIENTS)
    .transform((addresses) => [...new Set(addresses)])
    .describe('Addresses of members of the workspace.'),
  subject: z
    .string()
    .trim()
    .min(1)
    .max(150)
    .refine((text) => ONE_LINE.test(text), 'must be one line')
    .describe('One line.'),
  text: z
    .string()
    .min(1)
    .max(MAX_TEXT_BYTES)
    .refine((text) => Buffer.byteLength(text) <= MAX_TEXT_BYTES, 'larger than 16 KB')
    .describe('Plain text.'),
});

export const notifyEmailManifest: ToolManifest<z.infer<typeof args>> = {
  id: 'notify.email',
  title: 'Mail members of the workspace',
  description: 'Sends a plain text mail to members of the workspace, and to nobody else.',
  risk: 'write',
  class: 'A',
  scopes: [],
  args,
  timeoutMs: 10_000,
  outputBytes: 1_024,
};

export function notifyEmail(notices: NoticePort): Tool<z.infer<typeof args>> {
  return {
    manifest: notifyEmailManifest,
    async run({ to, subject, text }, { workspaceId, key }) {
      const done = await notices.send({ workspaceId, to, subject, text, key });
      if (done === 'not_members')
        throw new ToolFailure('tool_scope_denied', 'Mail goes to members of the workspace only. Nothing was sent.');
      return {
        text: `The mail is on its way to ${to.length} ${to.length === 1 ? 'person' : 'people'}.`,
        label: 'plain',
      };
    },
  };
}
