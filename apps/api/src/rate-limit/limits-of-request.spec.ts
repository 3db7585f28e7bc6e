import { Reflector } from '@nestjs/core';
import { loadEnv, RateLimitEnv } from '@flowmate/config';
import { Limit } from './limit.decorator.js';
import { LimitsOfRequest } from './limits-of-request.js';

const limit = { name: 'spec-one', max: 2, windowMs: 1_000, per: 'address' } as const;
const limits = (RATE_LIMIT_ROUTES: string): LimitsOfRequest =>
  new LimitsOfRequest(loadEnv([RateLimitEnv], { variables: { RATE_LIMIT_ROUTES } }).get(RateLimitEnv), new Reflector());

describe('limits of single operations', () => {
  it('have one meaning for each name', () => {
    Limit(limit);
    expect(() => Limit({ ...limit })).not.toThrow();
    expect(() => Limit({ ...limit, max: 3 })).toThrow('spec-one');
  });

  it('that are tuned under a name that there is not end the process with exit code 78', () => {
    Limit(limit);
    expect(() => limits('spec-one=9/1h')).not.toThrow();
    expect(() => limits('spec-two=9/1h')).toThrow(expect.objectContaining({ exitCode: 78 }));
  });
});
