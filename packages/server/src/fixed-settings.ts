import type { ServerConfig, ServerSettings } from './config/index.ts';

/** Settings of the process that were read at start and count until it ends; `tls` only as to whether there is any. */
const FIXED = [
  'host',
  'port',
  'adminPort',
  'pingInterval',
  'maxHeader',
  'headerTimeout',
  'requestTimeout',
  'outbound',
] as const;
/** All of them but the one that may be absent: whoever adds one is told by the compiler to keep it too. */
type Kept = Pick<ServerSettings, Exclude<(typeof FIXED)[number], 'adminPort'>>;

/** The keys whose values in the file differ from those that the process started with. */
export function needRestart(started: ServerConfig, next: ServerConfig): readonly string[] {
  const server = FIXED.filter((key) => JSON.stringify(started.server[key]) !== JSON.stringify(next.server[key]));
  return [
    ...server.map((key) => `server.${key}`),
    ...((started.server.tls === undefined) === (next.server.tls === undefined) ? [] : ['server.tls']),
    ...(started.data === next.data ? [] : ['data']),
  ];
}

/** What of a changed file can count while the process runs: the rest stays as it started, whatever was read in between. */
export function asRunning(started: ServerConfig, next: ServerConfig): ServerConfig {
  const { adminPort: _, tls, ...server } = next.server;
  const { host, port, adminPort, pingInterval, maxHeader, headerTimeout, requestTimeout, outbound } = started.server;
  const kept: Kept = { host, port, pingInterval, maxHeader, headerTimeout, requestTimeout, outbound };
  const pair = started.server.tls && (tls ?? started.server.tls);
  const more = { ...(adminPort !== undefined && { adminPort }), ...(pair && { tls: pair }) };
  return { ...next, data: started.data, server: { ...server, ...kept, ...more } };
}
