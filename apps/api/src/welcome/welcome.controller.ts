import { Controller, Get, Headers, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { AppEnv, ServerEnv } from '@flowmate/config';
import { About } from '../about.js';
import { Public } from '../auth/access.decorator.js';
import type { HttpReply } from '../http/http.types.js';
import { ApiEndpoint } from '../openapi/api-endpoint.decorator.js';
import { WelcomeResponse } from './welcome.response.js';

const MESSAGE = 'Welcome to FlowMate: agents that do work in your accounts, and runs that you can trust.';

@ApiTags('welcome')
@Controller()
export class WelcomeController {
  constructor(
    private readonly about: About,
    private readonly app: AppEnv,
    private readonly server: ServerEnv,
  ) {}

  /** People who open the root in a browser are sent to a page; programs get the same JSON as below. */
  @Get()
  @Public()
  @ApiExcludeEndpoint()
  root(
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: HttpReply,
  ): WelcomeResponse | undefined {
    reply.header('vary', 'Accept, Origin');
    if (!this.server.apiDocs || !(accept ?? '').includes('text/html')) return this.welcome();
    reply.redirect('/api/docs', 303);
    return undefined;
  }

  @Get('api/v1')
  @Public()
  @ApiEndpoint({ id: 'getWelcome', summary: 'Name, version and links' })
  @ApiOkResponse({ type: WelcomeResponse })
  welcome(): WelcomeResponse {
    const docs = this.server.apiDocs ? { docs: '/api/docs', openapi: '/api/docs-json' } : {};
    return {
      name: 'FlowMate',
      message: MESSAGE,
      version: this.about.version,
      apiVersion: this.app.apiVersion,
      links: { self: '/api/v1', health: '/health/live', ...docs },
    };
  }
}
