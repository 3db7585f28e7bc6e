import { validateSync, type ValidationError } from 'class-validator';
import { ALL_ENV } from './all-env.js';
import { ConfigError, type ConfigProblem } from './config.error.js';
import { Environment } from './environment.js';
import { defaultOf, settings, type EnvClass, type Setting } from './setting.js';
import { namesOf, rawText, readConfigFile, type Variables } from './sources.js';

export interface LoadOptions {
  /** The process's environment unless a test brings its own. */
  readonly variables?: Variables;
  /** Fills in what may be missing outside production (development secrets). */
  readonly supply?: (missing: readonly string[]) => Variables;
}

function constraintsOf(error: ValidationError): string {
  return Object.values(error.constraints ?? { invalid: 'is not valid' })
    .map((message) => message.replace(`${error.property} `, ''))
    .join('; ');
}

class Loader {
  readonly problems: ConfigProblem[] = [];

  constructor(
    private readonly sources: readonly Variables[],
    private readonly production: boolean,
  ) {}

  load<T extends object>(type: EnvClass<T>): T {
    const env = new type();
    const failed = new Set<string>();
    for (const setting of settings(type)) {
      const before = this.problems.length;
      Reflect.set(env, setting.property, this.read(setting));
      if (this.problems.length > before) failed.add(setting.property);
    }
    this.validate(type, env, failed);
    return Object.freeze(env);
  }

  private read(setting: Setting): unknown {
    const raw = rawText(setting, this.sources, this.problems);
    if (raw === undefined) {
      if (this.production && setting.requiredInProduction === true) {
        this.problems.push({ name: setting.variable, rule: 'is required in production' });
      }
      return defaultOf(setting, this.production);
    }
    const value = setting.kind.parse(raw.trim());
    if (value === undefined) this.problems.push({ name: setting.variable, rule: `must be ${setting.kind.expects}` });
    return value;
  }

  private validate<T extends object>(type: EnvClass<T>, env: T, failed: Set<string>): void {
    const variableOf = new Map(settings(type).map(({ property, variable }) => [property, variable]));
    for (const error of validateSync(env, { forbidUnknownValues: false })) {
      if (failed.has(error.property)) continue;
      this.problems.push({ name: variableOf.get(error.property) ?? error.property, rule: constraintsOf(error) });
      failed.add(error.property);
    }
    const failedVariables = new Set([...failed].map((property) => variableOf.get(property)));
    const broken = type.rules?.(env, this.production) ?? [];
    this.problems.push(...broken.filter(({ name }) => !failedVariables.has(name)));
  }
}

/**
 * Reads, checks and freezes the configuration: environment over the YAML file over defaults. All
 * problems are reported at once in one `ConfigError`, by name and rule, never by value.
 */
export function loadEnv(types: readonly EnvClass[], options: LoadOptions = {}): Environment {
  const variables = options.variables ?? process.env;
  const all = types.flatMap(settings);
  // One file serves both processes, so it may hold what only the other one reads.
  const known = new Set([...all, ...ALL_ENV.flatMap(settings)].flatMap(namesOf));
  const problems: ConfigProblem[] = [];
  const file = readConfigFile(variables['FLOWMATE_CONFIG'], known, problems);
  const given = (name: string): string | undefined =>
    [variables, file].map((source) => source[name]?.trim()).find(Boolean);
  const production = given('NODE_ENV') === 'production';
  const missing = all.filter(
    ({ requiredInProduction, variable }) => requiredInProduction && given(variable) === undefined,
  );
  const supplied = production ? {} : (options.supply?.(missing.map(({ variable }) => variable)) ?? {});

  const loader = new Loader([variables, file, supplied], production);
  loader.problems.push(...problems);
  const loaded = new Map<EnvClass, object>(types.map((type) => [type, loader.load(type)]));
  if (loader.problems.length > 0) throw new ConfigError(loader.problems);
  return new Environment(loaded);
}
