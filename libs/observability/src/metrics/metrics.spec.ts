import { Metrics } from './metrics.js';

describe('the metrics of a process', () => {
  it('are those of Node, without a histogram of lag that would wake an idle process all the time', async () => {
    const names = (await new Metrics().text()).split('\n').filter((line) => line.startsWith('# TYPE nodejs_eventloop'));
    expect(names).toContain('# TYPE nodejs_eventloop_lag_seconds gauge');
    expect(names.filter((name) => name.includes('_lag_'))).toHaveLength(1);
  });
});
