import { Doc, Int32 } from '../semantics/value.ts';
import type { Call, Command, Reply, Services } from './call.ts';
import { documentsOf, flagAt } from './fields.ts';
import { namespaceOf } from './namespace.ts';
import { checkBatch, runStatements, sum, withErrors } from './statements.ts';
import { toInsert } from './stored.ts';

const ONE = Doc.of({ n: new Int32(1) });

async function insert(call: Call, services: Services): Promise<Reply> {
  const ns = namespaceOf(call);
  const documents = documentsOf(call, 'documents');
  checkBatch(documents.length);
  const outcome = await runStatements({
    call,
    services,
    count: documents.length,
    ordered: flagAt(call.command, 'ordered', true),
    build: (index) => {
      // The index is below the count.
      const document = toInsert(documents[index]!, call.depth);
      return {
        now: (tx) => {
          tx.insert(ns, document);
          return ONE;
        },
      };
    },
  });
  return withErrors({ n: sum(outcome, 'n') }, outcome);
}

export const INSERT: Command = {
  fields: { documents: 'list', ordered: 'flag', bypassDocumentValidation: 'unset' },
  run: insert,
  retryable: true,
  writes: true,
};
