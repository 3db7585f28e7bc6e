import { defaultOf, settings, type EnvClass, type Setting } from './setting.js';

function defaultText(setting: Setting): string {
  if (setting.defaultDoc !== undefined) return setting.defaultDoc;
  const value = defaultOf(setting, false);
  if (value === undefined)
    return setting.requiredInProduction ? 'made once in development; **required in production**' : 'none';
  const formatted = setting.kind.format(value);
  return formatted === '' ? 'empty' : `\`${formatted}\``;
}

function row(setting: Setting): string {
  const aliases = setting.aliases?.length
    ? ` Also read as ${setting.aliases.map((name) => `\`${name}\``).join(', ')}.`
    : '';
  const seconds = setting.aliasInSeconds === undefined ? '' : ` \`${setting.aliasInSeconds}\` is the same in seconds.`;
  return `| \`${setting.variable}\` | ${setting.kind.name} | ${defaultText(setting)} | ${setting.doc}${aliases}${seconds} |`;
}

/** The page `docs/configuration.md`, whole. */
export function configurationPage(types: readonly EnvClass[]): string {
  const sections = types.map((type) =>
    [
      `## ${type.title}`,
      '',
      '| variable | kind | default | meaning |',
      '| --- | --- | --- | --- |',
      ...settings(type).map(row),
      '',
    ].join('\n'),
  );
  return [
    '# Configuration',
    '',
    'Written by `npm run docs` from the classes in `libs/config`; a test compares the two. Do not edit by hand.',
    '',
    'A setting is read from the environment, else from the YAML file that `FLOWMATE_CONFIG` names (a flat map of the same names), else its default holds. `npm start` and the start scripts also read a file `.env` in the project’s root; `npm start` takes the ports from there and from the environment only. An empty variable counts as not set. Durations read `500ms`, `30s`, `15m`, `2h`, `7d`, or plain milliseconds. A variable and its other name that disagree are an error.',
    '',
    'All problems are reported at once, by name and never by value, and end the process with exit code 78. In development, missing secrets are made once and kept in `.flowmate/secrets`; production refuses to start without them, and refuses weak, equal or example ones.',
    '',
    ...sections,
  ].join('\n');
}

/** The file `.env.example`, whole: every setting with its default, commented out. */
export function envExample(types: readonly EnvClass[]): string {
  const sections = types.map((type) => {
    const lines = settings(type).flatMap((setting) => {
      const value = defaultOf(setting, false);
      const shown = setting.requiredInProduction
        ? 'change-me'
        : (setting.example ?? (value === undefined ? '' : setting.kind.format(value)));
      return [`# ${setting.doc}`, `# ${setting.variable}=${shown}`];
    });
    return [`## ${type.title}`, ...lines, ''].join('\n');
  });
  return [
    '# Written by `npm run docs`. Copy to .env and uncomment what you want to change; see docs/configuration.md.',
    '',
    '# A YAML file of the same names, below the environment and above the defaults.',
    '# FLOWMATE_CONFIG=',
    '',
    ...sections,
  ].join('\n');
}
