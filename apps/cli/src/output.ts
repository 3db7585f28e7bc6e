import type { Terminal } from './terminal.js';

/** Between two columns. */
const GAP = '  ';
/** Terminal control, and what changes the direction of writing: data must not play tricks on who reads it. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A program reads JSON, a person text, unless somebody says otherwise. */
export function asksForJson({ json }: { readonly json?: boolean | undefined }, terminal: Terminal): boolean {
  return json ?? !terminal.isInteractive;
}

/** Columns as wide as they need to be, under their names. */
export function table(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const lines = [head, ...rows].map((row) => row.map((cell) => cell.replace(UNSAFE, '�')));
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join(GAP)
        .trimEnd(),
    )
    .join('\n');
}

/** As people read it: without fractions of a second. */
export function when(date: Date | undefined): string {
  return date === undefined ? '-' : `${date.toISOString().slice(0, 19)}Z`;
}
