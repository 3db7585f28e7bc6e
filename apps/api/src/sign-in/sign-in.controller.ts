import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { InvalidInputError } from '@flowmate/domain';
import { AccountDisabledError, SignUpClosedError } from '@flowmate/identity';
import { Public } from '../auth/access.decorator.js';
import { deviceOf } from '../auth/by.js';
import { SessionAnswer } from '../auth/session-answer.js';
import { SessionTokensResponse } from '../auth/session-tokens.js';
import type { HttpReply, HttpRequest } from '../http/http.types.js';
import { ApiEndpoint } from '../openapi/api-endpoint.decorator.js';
import { Limit } from '../rate-limit/limit.decorator.js';
import { BrowserBinding } from './browser-binding.js';
import { RequestLinkDto } from './dto/request-link.dto.js';
import { VerifyLinkDto } from './dto/verify-link.dto.js';
import { LinkRequestedResponse } from './link-requested.response.js';
import { AuthLinkInvalidError } from './sign-in.errors.js';
import { SignInService } from './sign-in.service.js';

const invalid = (path: string): InvalidInputError =>
  new InvalidInputError([{ path, rule: 'matches', message: 'is not what it must be' }]);

/** Whoever mistypes his address twice is far below it; a list of addresses is not. */
const REQUEST_LIMIT = { name: 'auth-request', max: 10, windowMs: 600_000, per: 'address' } as const;
/** Only what was refused counts. One link allows five tries; nobody has six wrong ones within a minute. */
const VERIFY_LIMIT = { name: 'auth-verify', max: 5, windowMs: 60_000, per: 'address', counts: 'refusals' } as const;

@ApiTags('auth')
@Controller('api/v1/auth')
export class SignInController {
  constructor(
    private readonly signIn: SignInService,
    private readonly binding: BrowserBinding,
    private readonly answer: SessionAnswer,
  ) {}

  @Post()
  @Public()
  @Limit(REQUEST_LIMIT)
  @HttpCode(202)
  @ApiEndpoint({
    id: 'requestSignInLink',
    summary: 'Ask for a sign-in link by mail',
    description: 'The answer is the same whether the address has an account or not.',
    errors: [invalid('email')],
  })
  @ApiAcceptedResponse({ type: LinkRequestedResponse })
  request(
    @Body() { email, redirectTo }: RequestLinkDto,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<LinkRequestedResponse> {
    const binding = this.binding.ensure(request, reply);
    return this.signIn.request({ email, redirectTo, binding }, deviceOf(request));
  }

  @Post('verify')
  @Public()
  @Limit(VERIFY_LIMIT)
  @HttpCode(200)
  @ApiEndpoint({
    id: 'verifySignInLink',
    summary: 'Sign in with the token of a link',
    description: 'With `X-FlowMate: 1` the tokens come as cookies, otherwise in the body.',
    errors: [invalid('token'), new AuthLinkInvalidError(), new SignUpClosedError(), new AccountDisabledError()],
  })
  @ApiOkResponse({ type: SessionTokensResponse })
  async verify(
    @Body() { token, requestId, code }: VerifyLinkDto,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<SessionTokensResponse> {
    const proof = { binding: this.binding.of(request), requestId, code };
    return this.answer.give(request, reply, await this.signIn.verify(token, proof, deviceOf(request)));
  }
}
