import { exitCodeOf, explanationOf } from './start-failure.js';

const setting = () => 'PORT';

describe('the exit code of a start that failed', () => {
  it.each([
    [{ exitCode: 78 }, 78],
    [{ exitCode: 0 }, 1],
    [{ exitCode: 256 }, 1],
    [{ exitCode: '78' }, 1],
    [{}, 1],
  ])('of an error with %j is %d', (properties, code) => {
    expect(exitCodeOf(Object.assign(new Error('x'), properties))).toBe(code);
  });

  it.each([undefined, null, 'text'])('of %p is 1', (thrown) => {
    expect(exitCodeOf(thrown)).toBe(1);
  });
});

describe('the explanation of a start that failed', () => {
  it('is the message of an error that chose its exit code, line by line', () => {
    expect(explanationOf(Object.assign(new Error('a\nb'), { exitCode: 78 }), setting)).toEqual(['a', 'b']);
  });

  it('names a port that is taken', () => {
    const error = Object.assign(new Error('x'), { code: 'EADDRINUSE', port: 3000 });
    expect(explanationOf(error, setting)?.[0]).toMatch(/^Port 3000 .+ PORT=<another port>\.$/);
  });

  it('is absent for anything else', () => {
    expect(explanationOf(new Error('x'), setting)).toBeUndefined();
    expect(explanationOf('x', setting)).toBeUndefined();
  });
});
