/**
 * Sets variables where Node itself looks. Jest gives tests a copy of the environment, so a variable set
 * only there would never reach `node:tls`, and a test of "is ignored" would prove nothing.
 */
export function setEnvironment(variables: Readonly<Record<string, string>>): Disposable {
  // Buffer comes from outside Jest's sandbox, and so does its constructor's global scope.
  const outside = (Buffer.constructor as FunctionConstructor)('return process')() as NodeJS.Process;
  const environments = [outside.env, process.env];
  const before = environments.map((environment) => ({ ...environment }));
  for (const environment of environments) Object.assign(environment, variables);
  return {
    [Symbol.dispose]() {
      for (const [index, environment] of environments.entries()) {
        for (const name of Object.keys(variables)) {
          const value = before[index]?.[name];
          if (value === undefined) delete environment[name];
          else environment[name] = value;
        }
      }
    },
  };
}
