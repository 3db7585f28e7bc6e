import { POLICIES, type AgentDefinition, type JsonSchema } from '@flowmate/domain';
import { Schema } from 'mongoose';

/** As it is stored: the schema of an answer is text, so that no key of it is ever one of the store's. */
export type StoredDefinition = Omit<AgentDefinition, 'output'> & { readonly output?: string };

export const storedDefinition = ({
  name,
  description,
  systemPrompt,
  model,
  tools,
  policies,
  limits,
  output,
}: AgentDefinition): StoredDefinition => ({
  name,
  description,
  systemPrompt,
  model,
  tools,
  policies,
  limits,
  ...(output && { output: JSON.stringify(output) }),
});

export const definitionOf = ({ output, ...rest }: StoredDefinition): AgentDefinition => ({
  ...rest,
  output: output === undefined ? null : (JSON.parse(output) as JsonSchema),
});

const PART = { _id: false } as const;
/** Empty texts are texts: `required` of Mongoose would refuse them. */
const TEXT = { type: String, default: '' } as const;

export const DEFINITION_SCHEMA = new Schema<StoredDefinition>(
  {
    name: { type: String, required: true },
    description: TEXT,
    systemPrompt: TEXT,
    model: {
      type: new Schema<StoredDefinition['model']>(
        { name: { type: String, default: null }, temperature: Number, maxOutputTokens: Number },
        PART,
      ),
      required: true,
    },
    tools: { type: [String], required: true },
    policies: {
      type: [
        new Schema<StoredDefinition['policies'][number]>(
          { tool: { type: String, required: true }, policy: { type: String, required: true, enum: POLICIES } },
          PART,
        ),
      ],
      required: true,
    },
    limits: {
      type: new Schema<StoredDefinition['limits']>(
        { timeoutMs: { type: Number, default: null }, maxSteps: { type: Number, default: null } },
        PART,
      ),
      required: true,
    },
    output: String,
  },
  PART,
);
