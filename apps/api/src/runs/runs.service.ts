import { Injectable } from '@nestjs/common';
import {
  PayloadRepository,
  RunReader,
  type JournalPage,
  type ListedRun,
  type RunFilter,
  type RunWithLast,
} from '@flowmate/database';
import { ResourceNotFoundError, type OwnerScope } from '@flowmate/domain';

/** What is to be known of runs. */
@Injectable()
export class RunsService {
  constructor(
    private readonly runs: RunReader,
    private readonly payloads: PayloadRepository,
  ) {}

  list(
    owner: OwnerScope,
    filter: RunFilter,
    page: { before?: string | undefined; limit: number },
  ): Promise<ListedRun[]> {
    return this.runs.list(owner, filter, page);
  }

  async get(owner: OwnerScope, id: string): Promise<RunWithLast> {
    const found = await this.runs.find(owner, id);
    if (!found) throw new ResourceNotFoundError();
    return found;
  }

  async journal(
    owner: OwnerScope,
    id: string,
    place: { after?: number | undefined; before?: number | undefined; limit: number },
  ): Promise<JournalPage> {
    const found = await this.runs.journal(owner, id, place);
    if (!found) throw new ResourceNotFoundError();
    return found;
  }

  async payload(owner: OwnerScope, id: string, ref: string): Promise<string> {
    const found = await this.payloads.find(owner, id, ref);
    if (found === null) throw new ResourceNotFoundError();
    return found;
  }
}
