import type { EnvClass } from './setting.js';

/** The checked configuration of one process. Each class is its own injection token. */
export class Environment {
  constructor(private readonly loaded: ReadonlyMap<EnvClass, object>) {}

  get<T extends object>(type: EnvClass<T>): T {
    const env = this.loaded.get(type);
    if (env === undefined) throw new Error(`${type.name} is not part of this process's configuration`);
    // The map is filled by `loadEnv` with an instance of the very class that is the key.
    return env as T;
  }

  /** For Nest: constructors ask for `ServerEnv`, never for a string key. */
  providers(): Array<{ provide: EnvClass; useValue: object }> {
    return [...this.loaded].map(([provide, useValue]) => ({ provide, useValue }));
  }
}
