import type { mongo } from 'mongoose';

/** One step of the database. It may be interrupted anywhere and run again, so it only ever makes what is missing. */
export interface Migration {
  /** Its place, four digits. */
  readonly id: string;
  readonly name: string;
  up(db: mongo.Db): Promise<void>;
}
