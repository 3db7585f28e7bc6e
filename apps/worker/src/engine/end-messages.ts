import { NO_RUN, undecidedOf, type Content, type JournalEntry, type NewEntry, type RunState } from '@flowmate/domain';

/** Why a run ended badly, in a sentence for people. The code stays; the sentence may change. */
const MESSAGES: ReadonlyMap<string, string> = new Map([
  ['run_timeout', 'The run took longer than it was given.'],
  ['run_deadline', 'The run had not ended by the time by which it had to.'],
  ['run_crash_loop', 'The run ended its worker three times in a row.'],
  ['step_limit', 'The run took as many steps as a run may take.'],
  ['loop_detected', 'The agent called the same tool with the same arguments again and again.'],
  ['tool_unknown', 'The model called tools that do not exist, three times in a row.'],
  ['context_length_exceeded', 'The conversation is longer than the model can read.'],
  ['output_invalid', 'The answer does not have the form that the agent asks for.'],
  ['llm_invalid_tool_call', 'The model answered twice in a row with something that cannot be used.'],
  ['llm_filtered', 'The provider of the model held its answer back.'],
  ['llm_unavailable', 'The model was not available, also not when it was tried again.'],
  ['llm_rate_limited', 'The provider of the model asked to wait, also when it was tried again.'],
  ['llm_timeout', 'The model did not answer in time, also not when it was tried again.'],
  ['llm_bad_request', 'The provider of the model refused the request.'],
  ['llm_auth', 'The provider of the model refused the key.'],
  ['agent_gone', 'The version of the agent that this run pins is not there any more.'],
]);

const endMessage = (code: string): string => MESSAGES.get(code) ?? 'The run failed.';

/** A run before its end. */
interface SoFar {
  readonly state: RunState;
  readonly journal: readonly JournalEntry[];
}

/**
 * The end of a run that went wrong, with what it had said so far and with the calls of which nobody knows whether they
 * took effect. `half`: what the model was saying when it ended.
 */
export function endedBadly(
  code: string,
  { state, journal }: SoFar = { state: NO_RUN, journal: [] },
  half: Content | null = null,
): NewEntry {
  const undecided = undecidedOf(state);
  const output = half ?? lastWords(journal);
  const data = { code, message: endMessage(code), output, ...(undecided.length > 0 && { undecided }) };
  return { type: 'run.failed', data };
}

function lastWords(journal: readonly JournalEntry[]): Content | null {
  const said = journal.findLast((entry) => entry.type === 'model.answered' && !isEmpty(entry.data.text));
  return said?.type === 'model.answered' ? said.data.text : null;
}

const isEmpty = (content: Content): boolean => 'text' in content && content.text.trim() === '';
