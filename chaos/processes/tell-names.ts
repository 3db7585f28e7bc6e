import { WorkerRepository } from '@flowmate/database';

/** Says under which name this worker takes runs, so that the harness knows whose runs it kills. */
export function tellNames(): void {
  const { register } = WorkerRepository.prototype;
  WorkerRepository.prototype.register = async function (this: WorkerRepository, id: string): Promise<Date> {
    const at = await register.call(this, id);
    process.stdout.write(`${JSON.stringify({ chaosWorker: id })}\n`);
    return at;
  };
}
