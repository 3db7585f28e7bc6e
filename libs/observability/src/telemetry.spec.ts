import { startTelemetry } from './telemetry.js';

describe('telemetry', () => {
  it('is everything a process needs, and ends with it', async () => {
    const lines: string[] = [];
    const telemetry = await startTelemetry({
      service: 'api',
      version: '1',
      environment: 'test',
      log: { level: 'info', format: 'json', destination: { write: (line) => void lines.push(line) } },
      tracing: { enabled: false, endpoint: 'http://127.0.0.1:9', sampleRatio: 1 },
    });
    telemetry.logger.info('ready');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ service: 'api', environment: 'test', msg: 'ready' });
    const text = await telemetry.metrics.text();
    expect(text).toMatch(/^flowmate_event_loop_lag_seconds 0/m);
    expect(text).toMatch(/^flowmate_log_lines_dropped_total 0$/m);
    expect(telemetry.gate.isOverloaded()).toBe(false);
    await telemetry.stop();
  });
});
