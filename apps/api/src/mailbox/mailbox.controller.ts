import { Controller, Get, Header, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from '../auth/access.decorator.js';
import { pagePolicy } from '../http/page-policy.js';
import { LocalHostGuard } from './local-host.guard.js';
import { MAILBOX_CSS, mailboxPage } from './mailbox.page.js';
import type { MailboxMailResponse } from './mailbox.response.js';
import { Mailbox } from './mailbox.service.js';

/** A style sheet and nothing that runs. */
const POLICY = pagePolicy({ script: false, connect: false });

/** Where mails end up in development. `MailboxModule` leaves it out everywhere else. */
@ApiExcludeController()
@UseGuards(LocalHostGuard)
@Controller('dev/mailbox')
export class MailboxController {
  constructor(private readonly mailbox: Mailbox) {}

  @Get()
  @Public()
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', POLICY)
  async page(): Promise<string> {
    return mailboxPage(await this.mailbox.list());
  }

  @Get('messages')
  @Public()
  async messages(): Promise<{ messages: MailboxMailResponse[] }> {
    return { messages: await this.mailbox.list() };
  }

  @Get('style.css')
  @Public()
  @Header('content-type', 'text/css; charset=utf-8')
  style(): string {
    return MAILBOX_CSS;
  }
}
