import { readMessage, runOfMessage, workspaceChannel, type HeadBell, type TextBell } from './bells.js';
import type { Channels, Subscription } from './channels.js';

/** What a watcher is told. It is called from a loop over many: it must be quick and never throw. */
export interface RunListener {
  head(bell: HeadBell): void;
  text(bell: TextBell): void;
  /** Bells may have been lost: look. */
  missed(): void;
}

interface Workspace {
  readonly listeners: Map<string, Set<RunListener>>;
  readonly subscription: Subscription;
}

/** Tells watchers of single runs what happens to these: each message is read only when somebody watches its run. */
export class RunBells {
  private readonly workspaces = new Map<string, Workspace>();

  constructor(private readonly channels: Channels) {
    channels.onMissed(() => this.tellMissed());
  }

  watch(workspaceId: string, runId: string, listener: RunListener): Subscription {
    const workspace = this.workspaces.get(workspaceId) ?? this.join(workspaceId);
    const listeners = workspace.listeners.get(runId) ?? new Set();
    workspace.listeners.set(runId, listeners.add(listener));
    return {
      ready: workspace.subscription.ready,
      stop: () => {
        if (!listeners.delete(listener) || listeners.size > 0) return;
        if (workspace.listeners.get(runId) === listeners) workspace.listeners.delete(runId);
        if (workspace.listeners.size > 0) return;
        workspace.subscription.stop();
        if (this.workspaces.get(workspaceId) === workspace) this.workspaces.delete(workspaceId);
      },
    };
  }

  private join(workspaceId: string): Workspace {
    const listeners: Workspace['listeners'] = new Map();
    const name = workspaceChannel(this.channels.redis, workspaceId);
    const subscription = this.channels.subscribe(name, (message) => {
      const watching = listeners.get(runOfMessage(message));
      if (watching) tell(watching, message);
    });
    const workspace = { listeners, subscription };
    this.workspaces.set(workspaceId, workspace);
    return workspace;
  }

  private tellMissed(): void {
    for (const { listeners } of this.workspaces.values())
      for (const ofRun of listeners.values()) for (const listener of ofRun) listener.missed();
  }
}

function tell(listeners: ReadonlySet<RunListener>, message: string): void {
  const heard = readMessage(message);
  if (!heard) return;
  for (const listener of listeners) {
    if ('head' in heard) listener.head(heard.head);
    else listener.text(heard.text);
  }
}
