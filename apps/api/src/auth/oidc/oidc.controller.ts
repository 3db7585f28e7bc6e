import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { stringifySetCookie } from 'cookie';
import { DomainError } from '@flowmate/domain';
import { DatabaseUnavailableError } from '@flowmate/database';
import { AccountDisabledError, OtherIdentityError, SignUpClosedError } from '@flowmate/identity';
import { RouteNotFoundError } from '../../http/http.errors.js';
import type { HttpReply, HttpRequest } from '../../http/http.types.js';
import { ApiEndpoint } from '../../openapi/api-endpoint.decorator.js';
import { Limit } from '../../rate-limit/limit.decorator.js';
import { Public } from '../access.decorator.js';
import { deviceOf } from '../by.js';
import { readCookie } from '../credentials.js';
import { SessionAnswer } from '../session-answer.js';
import { SessionCookies } from '../session-cookies.js';
import { OidcDeniedError, OidcEmailUnverifiedError, OidcProviderError, OidcStateInvalidError } from './oidc.errors.js';
import { OidcCallbackQuery, OidcLoginQuery } from './oidc.query.js';
import { FLOW_MS, OidcService } from './oidc.service.js';

/** A person signs in a few times a day; each time asks the provider. */
const LIMIT = { name: 'oidc', max: 30, windowMs: 60_000, per: 'address' } as const;
const SEE_OTHER = 303;

@ApiTags('auth')
@Controller('api/v1/auth/oidc')
export class OidcController {
  constructor(
    private readonly oidc: OidcService,
    private readonly answer: SessionAnswer,
    private readonly cookies: SessionCookies,
  ) {}

  @Get('login')
  @Public()
  @Limit(LIMIT)
  @ApiEndpoint({
    id: 'beginOidcSignIn',
    summary: 'Sign in at the OpenID provider of this instance',
    errors: [new RouteNotFoundError(), new OidcProviderError(undefined), new DatabaseUnavailableError(false)],
  })
  @ApiResponse({ status: SEE_OTHER, description: 'To the provider.' })
  async begin(
    @Query() { redirectTo }: OidcLoginQuery,
    @Req() request: HttpRequest,
    @Res() reply: HttpReply,
  ): Promise<void> {
    await orPage(request, reply, async () => {
      const { url, binding } = await this.oidc.begin(redirectTo, readCookie(request.headers.cookie, this.name));
      void reply.header('set-cookie', this.cookie(binding, FLOW_MS / 1_000)).redirect(url.href, SEE_OTHER);
    });
  }

  @Get('callback')
  @Public()
  @Limit(LIMIT)
  @ApiEndpoint({
    id: 'finishOidcSignIn',
    summary: 'Where the OpenID provider sends people back to',
    errors: [
      new RouteNotFoundError(),
      new OidcStateInvalidError(),
      new OidcDeniedError(),
      new OidcProviderError(undefined),
      new OidcEmailUnverifiedError(),
      new OtherIdentityError(),
      new SignUpClosedError(),
      new AccountDisabledError(),
      new DatabaseUnavailableError(false),
    ],
  })
  @ApiResponse({ status: SEE_OTHER, description: 'Signed in, by cookies.' })
  async finish(
    @Query() { state, error }: OidcCallbackQuery,
    @Req() request: HttpRequest,
    @Res() reply: HttpReply,
  ): Promise<void> {
    const [, query = ''] = request.url.split('?', 2);
    const binding = readCookie(request.headers.cookie, this.name);
    await orPage(request, reply, async () => {
      const { session, redirectTo } = await this.oidc.finish({ state, error, query, binding }, deviceOf(request));
      // Only now: another tab may still be under way with it.
      void reply.header('set-cookie', this.cookie('', 0));
      this.answer.setCookies(reply, session);
      void reply.redirect(redirectTo, SEE_OTHER);
    });
  }

  private get name(): string {
    return this.cookies.isSecure ? '__Host-fm_oidc' : 'fm_oidc';
  }

  /** A Strict cookie would not come along when the provider sends the browser back. `__Host-` wants the whole path. */
  private cookie(value: string, maxAge: number): string {
    const secure = this.cookies.isSecure;
    return stringifySetCookie({
      name: this.name,
      value,
      path: '/',
      maxAge,
      httpOnly: true,
      sameSite: 'lax',
      secure,
    });
  }
}

/** A person in a browser gets the page of the sign-in, which says what went wrong, and not a problem to read. */
async function orPage(request: HttpRequest, reply: HttpReply, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const isPerson = /\btext\/html\b/.test(request.headers.accept ?? '');
    if (!isPerson || !(error instanceof DomainError) || error instanceof RouteNotFoundError) throw error;
    // The line in the log tells the code as it would have been answered.
    if (request.state) request.state.failure = { error };
    void reply.redirect(`/sign-in#problem=${error.code}`, SEE_OTHER);
  }
}
