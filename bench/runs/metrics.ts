export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What a process counts, as its operators read it. */
export async function samplesOf(url: string): Promise<Sample[]> {
  const text = await (await fetch(url)).text();
  return text.split('\n').flatMap((line) => {
    const [, name = '', inner = '', value] = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/i.exec(line) ?? [];
    if (name === '') return [];
    const labels = Object.fromEntries(
      [...inner.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', word = '']) => [key, word]),
    );
    return [{ name, labels, value: Number(value) }];
  });
}

export const finishedOf = (samples: readonly Sample[]): number =>
  sum(samples.filter(({ name, labels }) => name === 'flowmate_runs_left_total' && labels['status'] === 'succeeded'));

/** Commands on the wire by collection and kind. */
export function commandsOf(samples: readonly Sample[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { name, labels, value } of samples) {
    if (name !== 'flowmate_mongodb_operations_total') continue;
    const kind = `${labels['collection']} ${labels['command']}`;
    counts.set(kind, (counts.get(kind) ?? 0) + value);
  }
  return counts;
}

const sum = (samples: readonly Sample[]): number => samples.reduce((all, { value }) => all + value, 0);
