import { createHash, timingSafeEqual } from 'node:crypto';
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { MetricsEnv, type Secret } from '@flowmate/config';
import { RouteNotFoundError } from '../http/http.errors.js';
import type { HttpRequest } from '../http/http.types.js';
import { ACCESS, type Access } from './access.decorator.js';
import { AuthRequiredError, AuthTokenInvalidError } from './auth.errors.js';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Default deny: a route that says nothing about access is closed. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly metrics: MetricsEnv,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (access === 'public') return true;
    if (access === 'operator')
      return this.admitOperator(context.switchToHttp().getRequest<HttpRequest>(), this.metrics.token);
    throw new AuthRequiredError();
  }

  private admitOperator(request: HttpRequest, token: Secret | undefined): boolean {
    if (token === undefined) throw new RouteNotFoundError();
    const [, given] = /^bearer ([\x21-\x7e]+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (given === undefined) throw new AuthRequiredError();
    // Digests have one length, so the comparison takes the same time for every guess.
    if (!timingSafeEqual(digest(given), digest(token.reveal()))) throw new AuthTokenInvalidError();
    return true;
  }
}
