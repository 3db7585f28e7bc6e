import { Injectable } from '@nestjs/common';
import { MailEnv, ServerEnv } from '@flowmate/config';

/** Where links in mails lead: what the operator says, and never what a request calls this host. */
@Injectable()
export class PublicAddress {
  readonly origin: string;

  constructor(mail: MailEnv, server: ServerEnv) {
    this.origin = mail.publicAppUrl ?? `http://127.0.0.1:${server.port}`;
  }

  /** What stands in the fragment never leaves the browser, and so is in no log. */
  link(path: string, fragment: Readonly<Record<string, string>>): string {
    return `${this.origin}${path}#${new URLSearchParams(fragment).toString()}`;
  }
}
