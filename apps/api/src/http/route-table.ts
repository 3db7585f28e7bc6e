import type { HttpServer } from './http.types.js';

export interface Route {
  readonly method: string;
  readonly url: string;
}

/** Methods that the server answers by itself and nobody wrote a handler for. */
const IMPLICIT = new Set(['HEAD', 'OPTIONS']);

function matches(pattern: readonly string[], path: readonly string[]): boolean {
  for (const [index, segment] of pattern.entries()) {
    if (segment === '*') return true;
    if (path[index] === undefined || (segment !== path[index] && !segment.startsWith(':'))) return false;
  }
  return pattern.length === path.length;
}

/** Every route that the server really has, read from the server itself: Nest's, Swagger UI's and files alike. */
export class RouteTable {
  private readonly table = new Map<string, { pattern: readonly string[]; methods: Set<string> }>();

  attach(server: HttpServer): void {
    server.addHook('onRoute', ({ url, method }) => {
      for (const name of [method].flat()) this.add(url, String(name));
    });
  }

  /** The methods of a path, for an answer's `Allow`; none when no route has the path. */
  methodsOf(path: string): string[] {
    const segments = path.split('/');
    const hits = [...this.table.values()].filter(({ pattern }) => matches(pattern, segments));
    return [...new Set(hits.flatMap(({ methods }) => [...methods]))].sort();
  }

  all(): Route[] {
    return [...this.table].flatMap(([url, { methods }]) => [...methods].map((method) => ({ method, url })));
  }

  private add(url: string, method: string): void {
    if (url === '*' && IMPLICIT.has(method)) return;
    const known = this.table.get(url) ?? { pattern: url.split('/'), methods: new Set<string>() };
    known.methods.add(method);
    this.table.set(url, known);
  }
}
