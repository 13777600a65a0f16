import type { IncomingMessage } from 'node:http';

/**
 * What is wrong with whom a request says it is for, if anything is: one `Host`, and no other in the target (RFC 9112
 * §3.2). Of two hosts a proxy may have read the one and this server the other.
 */
export function hostProblem({ headersDistinct, httpVersion, url }: IncomingMessage): string | undefined {
  const [host, second] = headersDistinct.host ?? [];
  if (second !== undefined) return 'The Host header comes more than once.';
  if (host === undefined) return httpVersion === '1.0' ? undefined : 'The Host header is missing.';
  const named = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(url ?? '')?.[1];
  if (named !== undefined && named.toLowerCase() !== host.toLowerCase())
    return 'The target names another host than Host.';
  return undefined;
}
