import { spawnSync } from 'node:child_process';

/** Private addresses that nothing but the two ends of one cable has. */
const OUTSIDE = '10.213.77.1';
const INSIDE = '10.213.77.2';
const MASK = 30;

const isDone = (file: string, ...args: readonly string[]): boolean => spawnSync(file, args).status === 0;

/** A network of its own for a process, with one cable to here, in which packets can be made to vanish. */
export class Namespace {
  private readonly onExit = (): void => this.remove();

  private constructor(
    private readonly name: string,
    private readonly cable: string,
  ) {
    process.once('exit', this.onExit);
  }

  /** Nothing where this may not be done. */
  static make(): Namespace | undefined {
    const name = `chaos-${process.pid}`;
    const [cable, end] = [`fm${process.pid}`, `fn${process.pid}`];
    if (!isDone('ip', 'netns', 'add', name)) return undefined;
    const space = new Namespace(name, cable);
    const isWhole =
      isDone('ip', 'link', 'add', cable, 'type', 'veth', 'peer', 'name', end, 'netns', name) &&
      isDone('ip', 'addr', 'add', `${OUTSIDE}/${MASK}`, 'dev', cable) &&
      isDone('ip', 'link', 'set', cable, 'up') &&
      space.inside('ip', 'addr', 'add', `${INSIDE}/${MASK}`, 'dev', end) &&
      space.inside('ip', 'link', 'set', end, 'up') &&
      space.inside('ip', 'link', 'set', 'lo', 'up') &&
      space.inside('iptables', '-L', '-n');
    if (isWhole) return space;
    space.remove();
    return undefined;
  }

  /** Where this side is found from the inside. */
  get host(): string {
    return OUTSIDE;
  }

  /** What a command begins with to be run inside. */
  get prefix(): readonly string[] {
    return ['ip', 'netns', 'exec', this.name];
  }

  /** Packets to and from a port of this side vanish: no reset, no refusal. */
  drop(port: number): void {
    this.inside('iptables', '-A', 'OUTPUT', '-p', 'tcp', '--dport', `${port}`, '-j', 'DROP');
    this.inside('iptables', '-A', 'INPUT', '-p', 'tcp', '--sport', `${port}`, '-j', 'DROP');
  }

  pass(): void {
    this.inside('iptables', '-F');
  }

  remove(): void {
    process.off('exit', this.onExit);
    isDone('ip', 'link', 'del', this.cable);
    isDone('ip', 'netns', 'del', this.name);
  }

  private inside(...command: readonly string[]): boolean {
    const [file = '', ...args] = [...this.prefix, ...command];
    return isDone(file, ...args);
  }
}
