import { createHash, timingSafeEqual } from 'node:crypto';
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { MetricsEnv, type Secret } from '@flowmate/config';
import { RouteNotFoundError } from '../http/http.errors.js';
import type { HttpRequest } from '../http/http.types.js';
import { AccessGates } from './access-gates.js';
import { AuthRequiredError, AuthTokenInvalidError } from './auth.errors.js';
import { Declarations } from './declarations.js';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const SAFE = new Set(['GET', 'HEAD']);

/** Decides, after the limits, whether a request may go on. Default deny: what no rule lets in stays out. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly declarations: Declarations,
    private readonly metrics: MetricsEnv,
    private readonly gates: AccessGates,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { access, isOpenWhenLocked } = this.declarations.of(context);
    const request = context.switchToHttp().getRequest<HttpRequest>();
    if (access === 'public') return true;
    if (access === 'operator') return this.admitOperator(request, this.metrics.token);
    const { principal, refusal } = request.state ?? {};
    if (refusal) throw refusal;
    if (!principal || access === undefined) throw new AuthRequiredError();
    if (principal.kind === 'key') this.gates.keyUsed(request, principal);
    if (!principal.permissions.has(access)) throw this.gates.refused(request, principal);
    if (!SAFE.has(request.method)) await this.gates.beforeChange(request, principal, isOpenWhenLocked);
    return true;
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
