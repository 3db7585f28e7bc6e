import { Binary, BsonDate, Doc, Timestamp } from '../semantics/value.ts';

/** There is one node and nobody signs: drivers pass the signature on unread. */
const SIGNATURE = Doc.of({ hash: new Binary(0, Buffer.alloc(20)), keyId: 0n });

/** The logical time of the replica set: seconds and a counter within them, never going back. */
export class ClusterClock {
  private seconds = 0;
  private increment = 1;

  /** Every answer carries a later time than the one before. */
  tick(): { operationTime: Timestamp; $clusterTime: Doc } {
    const seconds = Math.floor(Date.now() / 1000);
    this.increment = seconds > this.seconds ? 1 : this.increment + 1;
    this.seconds = Math.max(seconds, this.seconds);
    const time = new Timestamp(this.seconds, this.increment);
    return { operationTime: time, $clusterTime: Doc.of({ clusterTime: time, signature: SIGNATURE }) };
  }

  date(): BsonDate {
    return new BsonDate(BigInt(Date.now()));
  }
}
