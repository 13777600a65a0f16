import type { Endpoint } from './call.ts';

/** An endpoint and the raw segments that stand for its parameters. */
export interface Route {
  readonly endpoint: Endpoint;
  readonly params: ReadonlyMap<string, string>;
}

export type Routing =
  | { readonly found: 'endpoint'; readonly route: Route }
  /** There is something here for other methods. */
  | { readonly found: 'path'; readonly methods: readonly string[] }
  | { readonly found: 'nothing' };

interface Node {
  readonly literals: Map<string, Node>;
  parameter: Node | null;
  readonly endpoints: Map<string, { readonly endpoint: Endpoint; readonly names: readonly string[] }>;
}

const createNode = (): Node => ({ literals: new Map(), parameter: null, endpoints: new Map() });

/** Leads raw path segments to endpoints. A literal segment goes before a parameter. */
export class Router {
  readonly #root = createNode();

  /** Throws when two endpoints have the same method and shape of path. */
  constructor(endpoints: readonly Endpoint[]) {
    for (const endpoint of endpoints) this.#add(endpoint);
  }

  route(method: string, segments: readonly string[]): Routing {
    const found = find(this.#root, segments, 0, method);
    if (found === undefined) return { found: 'nothing' };
    const { node, values } = found;
    const { endpoint, names } = node.endpoints.get(method) ?? {};
    if (endpoint === undefined || names === undefined) return { found: 'path', methods: [...node.endpoints.keys()] };
    return {
      found: 'endpoint',
      route: { endpoint, params: new Map(names.map((name, i) => [name, values[i] ?? ''])) },
    };
  }

  #add(endpoint: Endpoint): void {
    const names: string[] = [];
    let node = this.#root;
    for (const segment of endpoint.path.slice(1).split('/')) {
      const parameter = /^\{(\w+)\}$/.exec(segment)?.[1];
      if (parameter !== undefined) {
        names.push(parameter);
        node.parameter ??= createNode();
        node = node.parameter;
      } else {
        const next = node.literals.get(segment) ?? createNode();
        node.literals.set(segment, next);
        node = next;
      }
    }
    if (node.endpoints.has(endpoint.method)) throw new Error(`two endpoints: ${endpoint.method} ${endpoint.path}`);
    node.endpoints.set(endpoint.method, { endpoint, names });
  }
}

interface Found {
  readonly node: Node;
  readonly values: readonly string[];
}

/** The node with an endpoint for the method; failing that, one with any endpoint. */
function find(node: Node, segments: readonly string[], at: number, method: string): Found | undefined {
  const segment = segments[at];
  if (segment === undefined) return node.endpoints.size > 0 ? { node, values: [] } : undefined;
  const literal = node.literals.get(segment);
  const byLiteral = literal && find(literal, segments, at + 1, method);
  if (byLiteral?.node.endpoints.has(method)) return byLiteral;
  const rest = node.parameter && find(node.parameter, segments, at + 1, method);
  const byParameter = rest ? { node: rest.node, values: [segment, ...rest.values] } : undefined;
  return byParameter?.node.endpoints.has(method) ? byParameter : (byLiteral ?? byParameter);
}
