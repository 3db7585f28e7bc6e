import { Injectable, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ACCESS, OPEN_WHEN_LOCKED, TAKES_TICKET, WORKSPACE_PARAMETER, type Access } from './access.decorator.js';

export interface Declaration {
  /** Whom an operation is for; nobody when it does not say. */
  readonly access: Access | undefined;
  /** The path parameter that names the workspace, where the header does not. */
  readonly workspaceParameter: string | undefined;
  readonly isOpenWhenLocked: boolean;
  readonly takesTicket: boolean;
}

/** What the decorators of an operation say, looked up once for each: the guards ask in every request. */
@Injectable()
export class Declarations {
  private readonly known = new WeakMap<object, Declaration>();

  constructor(private readonly reflector: Reflector) {}

  of(context: ExecutionContext): Declaration {
    const handler = context.getHandler();
    const known = this.known.get(handler);
    if (known) return known;
    const targets = [handler, context.getClass()];
    const declaration = {
      access: this.reflector.getAllAndOverride<Access | undefined>(ACCESS, targets),
      workspaceParameter: this.reflector.getAllAndOverride<string | undefined>(WORKSPACE_PARAMETER, targets),
      isOpenWhenLocked: this.reflector.getAllAndOverride<true | undefined>(OPEN_WHEN_LOCKED, targets) === true,
      takesTicket: this.reflector.getAllAndOverride<true | undefined>(TAKES_TICKET, targets) === true,
    };
    this.known.set(handler, declaration);
    return declaration;
  }
}
