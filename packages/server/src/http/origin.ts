export type OriginGuard = (origin: string | undefined) => boolean;

/**
 * The allow-list of the `Origin` header. No header passes: browsers always send one with a WebSocket, so nothing
 * without it can be a foreign page. `null` (sandboxed frames, files) never passes.
 * A pattern is an origin whose port may be `*` and the first label of whose host may be `*`, or `*` for any page.
 */
export function createOriginGuard(patterns: readonly string[]): OriginGuard {
  const allowed = patterns.map((pattern) => {
    const parsed = pattern === '*' ? 'any' : parseOrigin(pattern.toLowerCase());
    if (parsed === undefined) throw new TypeError(`not an origin: ${pattern}`);
    return parsed;
  });
  return (header) => {
    if (header === undefined) return true;
    const origin = parseOrigin(header);
    if (origin === undefined || origin.anyLabel || origin.port === '*') return false;
    return allowed.some((pattern) => pattern === 'any' || matches(pattern, origin));
  };
}

interface Origin {
  readonly scheme: string;
  readonly host: string;
  /** The host is what follows `*.`. */
  readonly anyLabel: boolean;
  /** `''`: the scheme's own. `*`: any. */
  readonly port: string;
}

const ORIGIN = /^([a-z][a-z0-9+.-]*):\/\/(\*\.)?(\[[0-9a-f:.]+\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)(?::(\d{1,5}|\*))?$/;
const OWN_PORT = new Map([
  ['http', '80'],
  ['https', '443'],
]);

/** In the one spelling browsers use: lower case, no user, no path. */
function parseOrigin(text: string): Origin | undefined {
  const [, scheme, wildcard, host, port = ''] = ORIGIN.exec(text) ?? [];
  if (scheme === undefined || host === undefined) return undefined;
  return { scheme, host, anyLabel: wildcard !== undefined, port: port === OWN_PORT.get(scheme) ? '' : port };
}

function matches(pattern: Origin, origin: Origin): boolean {
  if (pattern.scheme !== origin.scheme) return false;
  if (pattern.port !== '*' && pattern.port !== origin.port) return false;
  const host = pattern.anyLabel ? origin.host.slice(origin.host.indexOf('.') + 1) : origin.host;
  return host === pattern.host && (!pattern.anyLabel || host !== origin.host);
}
