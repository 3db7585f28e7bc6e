import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalEntry } from '@flowmate/domain';
import { Metrics } from '@flowmate/observability';
import { RunCounters } from './run-counters.js';

const STORED = join(import.meta.dirname, '../../../../libs/domain/test/journal.v1.json');

describe('what is counted of a run that ended', () => {
  it('is what its journal says: calls by outcome, tries that helped, tokens and cost', async () => {
    const { journals } = JSON.parse(readFileSync(STORED, 'utf8')) as { journals: Array<{ journal: JournalEntry[] }> };
    const metrics = new Metrics();
    const counters = new RunCounters(metrics);
    counters.ended(journals[0]?.journal ?? []);
    const counted = (await metrics.text())
      .split('\n')
      .filter((line) => /^flowmate_(?:model|tool|retries|reconciler)/.test(line));
    expect(counted.sort()).toEqual([
      'flowmate_model_calls_total{outcome="unusable"} 1',
      'flowmate_model_calls_total{outcome="used"} 2',
      'flowmate_model_cost_microdollars_total 3612',
      'flowmate_model_tokens_total{kind="cached"} 1536',
      'flowmate_model_tokens_total{kind="input"} 2436',
      'flowmate_model_tokens_total{kind="output"} 183',
      'flowmate_reconciler_calls_total{outcome="absent"} 1',
      'flowmate_reconciler_calls_total{outcome="review"} 1',
      'flowmate_retries_total{of="model",code="llm_rate_limited",outcome="helped"} 1',
      'flowmate_retries_total{of="tool",code="tool_timeout",outcome="helped"} 1',
      'flowmate_tool_calls_total{class="A",outcome="succeeded"} 1',
      'flowmate_tool_calls_total{class="B",outcome="succeeded"} 1',
      'flowmate_tool_calls_total{class="C",outcome="succeeded"} 1',
      'flowmate_tool_calls_total{class="R",outcome="succeeded"} 1',
      'flowmate_tool_calls_total{class="none",outcome="refused"} 1',
    ]);
  });
});
