import type { AppEnv, EgressEnv } from '@flowmate/config';
import { EgressClient, type EgressOptions } from './egress.client.js';

export interface EgressSetup extends Pick<EgressOptions, 'onRequest' | 'limits' | 'connections'> {
  readonly app: AppEnv;
  readonly egress: EgressEnv;
  /** Origins that the operator configured for this very use (a model, an issuer); none for URLs that users name. */
  readonly trusted?: readonly string[];
}

/** A client as the configuration wants it: plain http and extra origins only outside production. */
export function egressFromEnv(setup: EgressSetup): EgressClient {
  const { app, egress, trusted = [], ...options } = setup;
  const extra = app.isProduction ? [] : egress.allow;
  return new EgressClient({ ...options, allowHttp: !app.isProduction, trustedOrigins: [...trusted, ...extra] });
}
