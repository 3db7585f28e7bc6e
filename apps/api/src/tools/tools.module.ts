import { Module } from '@nestjs/common';
import { httpGet, httpRequest, memoryGet, memorySet, notifyEmail, timeNow, ToolRegistry } from '@flowmate/tools';
import { ToolCatalog } from './tool-catalog.js';
import { ToolsController } from './tools.controller.js';

/** What a tool would reach the world with. The api runs none, so that there is nothing behind it. */
function nothing<Port extends object>(): Port {
  const get = (): never => {
    throw new Error('The api runs no tools.');
  };
  return new Proxy({} as Port, { get });
}

const registry = (): ToolRegistry =>
  new ToolRegistry([
    timeNow(),
    httpGet(nothing()),
    httpRequest({ client: nothing(), keyedOrigins: [] }),
    memoryGet(nothing()),
    memorySet(nothing()),
    notifyEmail(nothing()),
  ]);

@Module({
  controllers: [ToolsController],
  providers: [ToolCatalog, { provide: ToolRegistry, useFactory: registry }],
  exports: [ToolCatalog],
})
export class ToolsModule {}
