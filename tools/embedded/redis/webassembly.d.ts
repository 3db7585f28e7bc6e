/** What of WebAssembly is used here: TypeScript knows it only together with the whole DOM. */
declare namespace WebAssembly {
  type ImportValue = ((...args: number[]) => number | void) | Tag;
  type ModuleImports = Record<string, ImportValue>;
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Tag {
    constructor(type: { parameters: 'i32'[] });
  }
  class Memory {
    readonly buffer: ArrayBuffer;
  }
  class Instance {
    constructor(module: Module, imports: Record<string, ModuleImports>);
    readonly exports: Record<string, unknown>;
  }
}
