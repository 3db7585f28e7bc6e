import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { METHOD_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { ACCESS } from './access.decorator.js';

/** Refuses to start while a route does not say whom it is for: a mistake is found before a caller finds it. */
@Injectable()
export class DeclaredAccess implements OnApplicationBootstrap {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  onApplicationBootstrap(): void {
    const silent = this.discovery.getControllers().flatMap(({ metatype }) => this.silentRoutesOf(metatype));
    if (silent.length === 0) return;
    throw new Error(`These routes do not say whom they are for, with @Can(…) or @Public(): ${silent.join(', ')}`);
  }

  private silentRoutesOf(controller: unknown): string[] {
    if (typeof controller !== 'function') return [];
    const prototype = controller.prototype as Record<string, (...args: never[]) => unknown>;
    return this.scanner
      .getAllMethodNames(prototype)
      .filter((name) => Reflect.hasMetadata(METHOD_METADATA, prototype[name] as object))
      .filter(
        (name) =>
          this.reflector.getAllAndOverride(ACCESS, [prototype[name] as never, controller as never]) === undefined,
      )
      .map((name) => `${controller.name}.${name}`);
  }
}
