import type { JournalEntry } from '@flowmate/domain';
import type { CountingMetric, Metrics } from '@flowmate/observability';

/** The codes of the failures that were waited after, by the place of the call. */
type Waits = Map<string, readonly string[]>;

/** What a journal says was done and spent. Labels come from closed sets: codes and outcomes of ours, never names. */
export class RunCounters {
  private readonly modelCalls: CountingMetric;
  private readonly toolCalls: CountingMetric;
  private readonly retries: CountingMetric;
  private readonly reconciled: CountingMetric;
  private readonly tokens: CountingMetric;
  private readonly cost: CountingMetric;

  constructor(metrics: Metrics) {
    this.modelCalls = metrics.counter({
      name: 'flowmate_model_calls_total',
      help: 'Answers of models in runs that ended, by whether they could be used.',
      labels: ['outcome'],
    });
    this.toolCalls = metrics.counter({
      name: 'flowmate_tool_calls_total',
      help: 'Calls of tools in runs that ended, by their class and what came of them.',
      labels: ['class', 'outcome'],
    });
    this.retries = metrics.counter({
      name: 'flowmate_retries_total',
      help: 'Waits before another try in runs that ended, by what was tried, why, and whether a try after it succeeded.',
      labels: ['of', 'code', 'outcome'],
    });
    this.reconciled = metrics.counter({
      name: 'flowmate_reconciler_calls_total',
      help: 'Calls that a crash or a timeout left open, by what became of them.',
      labels: ['outcome'],
    });
    this.tokens = metrics.counter({
      name: 'flowmate_model_tokens_total',
      help: 'Tokens of models in runs that ended.',
      labels: ['kind'],
    });
    this.cost = metrics.counter({
      name: 'flowmate_model_cost_microdollars_total',
      help: 'What models cost in runs that ended, in millionths of a US dollar.',
      labels: [],
    });
  }

  /** Once for a run, when it has ended. */
  ended(journal: readonly JournalEntry[]): void {
    const waits: Waits = new Map();
    const classes = new Map<string, string>();
    for (const entry of journal) {
      const place = placeOf(entry);
      if (entry.type === 'tool.intended') classes.set(place, entry.data.class);
      if (entry.type === 'run.retrying') waits.set(place, [...(waits.get(place) ?? []), entry.data.code]);
      this.count(entry, classes.get(place) ?? 'none');
      if (entry.type === 'model.answered' || entry.type === 'tool.succeeded' || entry.type === 'tool.failed')
        this.settle(waits, place, entry.type === 'tool.failed' ? 'in_vain' : 'helped');
    }
    for (const place of waits.keys()) this.settle(waits, place, 'in_vain');
  }

  private count(entry: JournalEntry, idempotency: string): void {
    switch (entry.type) {
      case 'model.answered': {
        const { inputTokens, cachedTokens, outputTokens, costMicros } = entry.data.usage;
        this.modelCalls.inc([entry.data.problem === null ? 'used' : 'unusable']);
        this.tokens.inc(['input'], inputTokens);
        this.tokens.inc(['cached'], cachedTokens);
        this.tokens.inc(['output'], outputTokens);
        return this.cost.inc([], costMicros);
      }
      case 'tool.succeeded':
        return this.toolCalls.inc([idempotency, 'succeeded']);
      case 'tool.failed':
        return this.toolCalls.inc([idempotency, idempotency === 'none' ? 'refused' : 'failed']);
      case 'tool.reconciled':
        return this.reconciled.inc([entry.data.how]);
      case 'review.requested':
        return this.reconciled.inc(['review']);
      default:
        return undefined;
    }
  }

  private settle(waits: Waits, place: string, outcome: 'helped' | 'in_vain'): void {
    const of = place.includes(' ') ? 'tool' : 'model';
    for (const code of waits.get(place) ?? []) this.retries.inc([of, code, outcome]);
    waits.delete(place);
  }
}

/** The step for the model, with the call for a tool. */
function placeOf({ data }: JournalEntry): string {
  if (!('step' in data)) return '';
  return 'call' in data && data.call !== null ? `${data.step} ${data.call}` : String(data.step);
}
