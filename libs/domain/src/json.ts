/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A JSON Schema, as models are shown it. */
export type JsonSchema = Readonly<Record<string, unknown>>;
