import { isIP } from 'node:net';

export type HostGuard = (host: string | undefined) => boolean;

/**
 * Guards the management API against DNS rebinding: a foreign page can point a name of its own at this machine, but its
 * requests still carry that name in `Host`. Passes are addresses (no name was looked up), `localhost`, the host of
 * `server.publicUrl` and the host the server was told to listen on.
 */
export function createHostGuard(names: readonly string[]): HostGuard {
  const known = new Set(['localhost', ...names.map((name) => name.toLowerCase())]);
  return (host) => {
    const name = hostName(host);
    return name !== undefined && (isIP(name) !== 0 || known.has(name));
  };
}

/** The name in a `Host` header, without port and brackets. */
function hostName(host: string | undefined): string | undefined {
  const parts = /^(?:\[([0-9a-f:.]+)\]|([^\s:[\]/@?#]+))(?::\d+)?$/i.exec(host ?? '');
  return (parts?.[1] ?? parts?.[2])?.toLowerCase();
}
