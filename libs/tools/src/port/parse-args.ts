import type { z } from 'zod';
import { cleanLine } from '../output/clean-text.js';
import { jsonProblem } from './json-problem.js';
import { ToolFailure } from './tool-failure.js';
import type { Tool } from './tool.js';

/** Four times the largest thing a built-in tool takes; a model that writes more has lost its way. */
const MAX_ARGS_BYTES = 256 * 1_024;
/** A message is read by a model that pays for each word, and may quote what it wrote itself. */
const MAX_MESSAGE_CHARS = 200;
const MAX_ISSUES = 8;

const invalid = (problem: string): ToolFailure =>
  new ToolFailure('tool_args_invalid', `The arguments are not valid: ${problem}`);

function sentence({ path, message }: z.core.$ZodIssue): string {
  const place = path.length === 0 ? 'arguments' : path.map(String).join('.');
  return cleanLine(`${place}: ${message}`).slice(0, MAX_MESSAGE_CHARS);
}

function decode(text: string): unknown {
  // Some servers leave out the arguments of a tool that needs none.
  if (text.trim() === '') return {};
  if (Buffer.byteLength(text) > MAX_ARGS_BYTES) throw invalid(`they are larger than ${MAX_ARGS_BYTES / 1_024} KB.`);
  const problem = jsonProblem(text);
  if (problem) throw invalid(problem);
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    // A parser's message quotes the text it failed on.
    throw invalid('they are not JSON. Write one JSON object.');
  }
}

/** What a model wrote, as the tool wants it. Throws a `ToolFailure` that says where and which rule. */
export function parseArgs<A>(tool: Tool<A>, text: string): A {
  const parsed = tool.manifest.args.safeParse(decode(text));
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, MAX_ISSUES).map(sentence);
  throw invalid(issues.join('; '));
}
