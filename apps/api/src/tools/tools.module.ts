import { Module } from '@nestjs/common';
import { builtInTools, ToolRegistry } from '@flowmate/tools';
import { ToolCatalog } from './tool-catalog.js';
import { ToolsController } from './tools.controller.js';

/** What a tool would reach the world with. The api runs none, so that there is nothing behind it. */
function nothing<Port extends object>(): Port {
  const get = (): never => {
    throw new Error('The api runs no tools.');
  };
  return new Proxy({} as Port, { get });
}

/** The same tools as in a worker, so that nobody is offered what nothing runs. */
const registry = (): ToolRegistry =>
  new ToolRegistry(builtInTools({ client: nothing(), keyedOrigins: [], memories: nothing(), notices: nothing() }));

@Module({
  controllers: [ToolsController],
  providers: [ToolCatalog, { provide: ToolRegistry, useFactory: registry }],
  exports: [ToolCatalog],
})
export class ToolsModule {}
