import { Metrics } from '@flowmate/observability';
import { verifies } from '@flowmate/testing';
import { EngineMetrics } from './engine-metrics.js';
import type { RunSession } from './run-session.js';

/** As much of a session as is counted. */
const ended = (agentId: string, status: string): RunSession =>
  ({
    state: { status, end: { code: null }, retries: 0, seq: 5 },
    origin: { agentId, seq: 1 },
    journal: [],
  }) as unknown as RunSession;

describe(verifies('FM-81', 'K06', 'agent_execution_duration_seconds'), () => {
  const shown = async (metrics: Metrics, end: string): Promise<string[]> =>
    (await metrics.text()).split('\n').filter((line) => line.startsWith(`agent_execution_duration_seconds_${end}{`));

  it('measures runs by status, and tells no agents apart unless that is switched on', async () => {
    const metrics = new Metrics();
    const engine = new EngineMetrics(metrics, { byAgent: false });
    engine.departed(ended('a1', 'succeeded'), 'left', 1_500);
    engine.departed(ended('a2', 'succeeded'), 'left', 500);
    engine.departed(ended('a2', 'failed'), 'left', 250);
    expect(await shown(metrics, 'sum')).toEqual([
      'agent_execution_duration_seconds_sum{agentId="all",status="succeeded"} 2',
      'agent_execution_duration_seconds_sum{agentId="all",status="failed"} 0.25',
    ]);
    expect(await shown(metrics, 'bucket')).toContain(
      'agent_execution_duration_seconds_bucket{le="0.5",agentId="all",status="succeeded"} 1',
    );
  });

  it('measures them by agent where that is switched on', async () => {
    const metrics = new Metrics();
    const engine = new EngineMetrics(metrics, { byAgent: true });
    engine.departed(ended('a1', 'succeeded'), 'left', 1_500);
    engine.departed(ended('a2', 'cancelled'), 'left', 500);
    expect(await shown(metrics, 'sum')).toEqual([
      'agent_execution_duration_seconds_sum{agentId="a1",status="succeeded"} 1.5',
      'agent_execution_duration_seconds_sum{agentId="a2",status="cancelled"} 0.5',
    ]);
  });

  it('has a thousand sets of labels at most, however many agents there are, and says what went beyond', async () => {
    const metrics = new Metrics();
    const engine = new EngineMetrics(metrics, { byAgent: true });
    for (let agent = 0; agent < 2_000; agent += 1) engine.departed(ended(`a${agent}`, 'succeeded'), 'left', 10);
    const counts = await shown(metrics, 'count');
    expect(counts).toHaveLength(1_000);
    expect(counts.at(-1)).toBe('agent_execution_duration_seconds_count{agentId="other",status="other"} 1001');
    expect(await metrics.text()).toContain(
      'flowmate_metric_overflow_total{metric="agent_execution_duration_seconds"} 1001',
    );
  });

  it('measures no run that another worker has by now, or that waits', async () => {
    const metrics = new Metrics();
    const engine = new EngineMetrics(metrics, { byAgent: false });
    const waiting = {
      ...ended('a1', 'waiting'),
      state: { status: 'waiting', end: null, seq: 5 },
    } as unknown as RunSession;
    const lookedAt = { ...waiting, origin: { agentId: 'a1', seq: 5 } } as unknown as RunSession;
    engine.departed(lookedAt, 'left', 10);
    engine.departed(waiting, 'left', 10);
    engine.departed(waiting, 'lost', 10);
    expect(await shown(metrics, 'count')).toEqual([]);
    expect((await metrics.text()).split('\n').filter((line) => line.startsWith('flowmate_runs_left'))).toEqual([
      'flowmate_runs_left_total{status="waiting"} 1',
      'flowmate_runs_left_total{status="lost"} 1',
    ]);
  });
});
