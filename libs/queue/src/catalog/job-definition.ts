import { ID_PATTERN } from '@flowmate/domain';

/** One kind of job. Its payload holds ids only: Redis keeps it in clear, and what is true stands in MongoDB. */
export interface JobDefinition<Payload extends object> {
  readonly name: string;
  readonly queue: string;
  /** How often it is tried in all, when it fails in a way that may pass. */
  readonly attempts: number;
  /** Before the second try; doubled before each further one. */
  readonly backoffMs: number;
  /** How long one try may take; `null`: the service knows itself. */
  readonly timeoutMs: number | null;
  /** The payload, or nothing when it is not one of this kind: jobs of an older or newer version are met too. */
  readonly read: (stored: unknown) => Payload | undefined;
}

/** A definition among others, whose payload does not matter. */
export type AnyJob = Omit<JobDefinition<object>, 'read'>;

/** What stands in Redis: the payload, and whom the work is for. */
export interface JobEnvelope {
  readonly payload: object;
  readonly correlationId: string;
  /** W3C Trace Context of who rang. */
  readonly traceparent?: string;
}

/** BullMQ refuses a colon; `0` and the like mean something else to it. The second form names a place in a journal. */
const JOB_ID = /^[A-Za-z][A-Za-z0-9_.-]{0,127}$|^[0-9a-f]{24}-[0-9]{1,9}$/;

export const isJobId = (id: string): boolean => JOB_ID.test(id);

const isId = (value: unknown): boolean => typeof value === 'string' && (isJobId(value) || ID_PATTERN.test(value));

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A payload of exactly these fields, each an id: of a job, or of a document. */
export const idsOnly =
  <Field extends string>(...fields: readonly Field[]) =>
  (stored: unknown): Readonly<Record<Field, string>> | undefined => {
    if (!isRecord(stored) || Object.keys(stored).length !== fields.length) return undefined;
    const areIds = fields.every((field) => isId(stored[field]));
    return areIds ? (stored as Readonly<Record<Field, string>>) : undefined;
  };

export function readEnvelope(stored: unknown): JobEnvelope | undefined {
  if (!isRecord(stored) || !isRecord(stored['payload'])) return undefined;
  const { payload, correlationId, traceparent } = stored;
  return {
    payload,
    correlationId: typeof correlationId === 'string' ? correlationId : '',
    ...(typeof traceparent === 'string' && { traceparent }),
  };
}
