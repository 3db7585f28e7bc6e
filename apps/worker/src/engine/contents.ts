import type { PayloadRepository } from '@flowmate/database';
import type { Content, JournalEntry, OwnerScope } from '@flowmate/domain';
import { patiently } from './patience.js';

/** Longer texts are kept beside the journal. */
const INLINE_BYTES = 16 * 1_024;
/** A journal this large takes only short ones any more: it stays far from the 16 MB that a document may have. */
const LARGE_JOURNAL_BYTES = 256 * 1_024;
const INLINE_BYTES_WHEN_LARGE = 1_024;
/** From here on a text costs no more than the name of its payload: what is left to 2 MB is for the entries themselves. */
const HUGE_JOURNAL_BYTES = 768 * 1_024;
const INLINE_BYTES_WHEN_HUGE = 128;
/** What surrounds a text in its entry, roughly: the id and the tool of a call, or the name of a payload. */
const AROUND_BYTES = 128;

const refOf = (content: Content): string[] => ('ref' in content ? [content.ref] : []);

/** The refs of the texts that a model is shown again. */
function refsOf(entry: JournalEntry): string[] {
  switch (entry.type) {
    case 'model.answered':
      return [...refOf(entry.data.text), ...entry.data.calls.flatMap(({ args }) => refOf(args))];
    case 'tool.succeeded':
      return refOf(entry.data.output);
    case 'review.decided':
      return entry.data.result ? refOf(entry.data.result) : [];
    default:
      return [];
  }
}

export interface ContentsParts {
  readonly payloads: Pick<PayloadRepository, 'put' | 'findAll'>;
  readonly owner: OwnerScope;
  readonly runId: string;
  /** Whether this worker may still hope to own the run. */
  readonly isOurs: () => boolean;
  /** Of the journal so far. */
  readonly bytes: number;
}

/** The texts of one run: short ones are in the journal, long ones beside it, and those that are shown are at hand. */
export class Contents {
  private readonly texts = new Map<string, string>();
  private bytes: number;

  constructor(private readonly parts: ContentsParts) {
    this.bytes = parts.bytes;
  }

  /** Stored before the entry that names it. */
  async keep(text: string): Promise<Content> {
    const bytes = Buffer.byteLength(text);
    this.bytes += AROUND_BYTES;
    if (bytes <= this.room) {
      this.bytes += bytes;
      return { text };
    }
    const { payloads, owner, runId, isOurs } = this.parts;
    const kept = await patiently(isOurs, () => payloads.put(owner, runId, text));
    this.texts.set(kept.ref, text);
    return kept;
  }

  private get room(): number {
    if (this.bytes > HUGE_JOURNAL_BYTES) return INLINE_BYTES_WHEN_HUGE;
    return this.bytes > LARGE_JOURNAL_BYTES ? INLINE_BYTES_WHEN_LARGE : INLINE_BYTES;
  }

  /** Reads what a journal names and is not at hand yet, in one question. */
  async load(entries: readonly JournalEntry[]): Promise<void> {
    const missing = [...new Set(entries.flatMap(refsOf))].filter((ref) => !this.texts.has(ref));
    const { payloads, runId, isOurs } = this.parts;
    const found = await patiently(isOurs, () => payloads.findAll(runId, missing));
    for (const [ref, text] of found) this.texts.set(ref, text);
  }

  /**
   * Lets go of the texts of entries that a model is not shown any more. A conversation only grows, so that they are left
   * out again: only how long they were is needed for that. What stands in their place takes no room while nobody reads it.
   */
  leaveOut(journal: readonly JournalEntry[], omitted: readonly number[]): void {
    if (omitted.length === 0) return;
    const seqs = new Set(omitted);
    // The same text may have come twice, and is shown where it came later.
    const shown = new Set(journal.filter(({ seq }) => !seqs.has(seq)).flatMap(refsOf));
    for (const ref of journal.filter(({ seq }) => seqs.has(seq)).flatMap(refsOf)) {
      const text = this.texts.get(ref);
      if (text !== undefined && !shown.has(ref)) this.texts.set(ref, ' '.repeat(text.length));
    }
  }

  /** Empty for a payload that is gone: the run is being forgotten. */
  textOf(content: Content): string {
    return 'text' in content ? content.text : (this.texts.get(content.ref) ?? '');
  }
}
