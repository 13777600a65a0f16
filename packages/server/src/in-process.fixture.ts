import { compose, type Parts, startApps } from './compose.ts';
import type { Peer } from './http/peer.ts';
import { LiveSettings } from './live-settings.ts';
import { createLog } from './log/log.ts';
import { NodeClock } from './node-ports/clock.ts';
import { ADMIN_TOKEN, configOf, ONE_APP } from './serve.fixture.ts';
import { createSites } from './sites.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed if it is JSON. Tests look into it, and fail where a field is not there. */
  readonly body: ReturnType<typeof JSON.parse>;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly peer?: Peer;
}

export interface InProcess {
  readonly parts: Parts;
  readonly settings: LiveSettings;
  readonly lines: readonly string[];
  request(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** Below `/admin/v1`, as admin unless said otherwise. */
  admin(method: string, path: string, body?: unknown, options?: CallOptions): Promise<Answer>;
}

const HERE: Peer = { address: '127.0.0.1', local: true };

/** The whole server without its ports: requests are handed to it as objects. */
export async function inProcess(text: string = ONE_APP): Promise<InProcess> {
  const lines: string[] = [];
  const config = configOf(text);
  const settings = new LiveSettings(config.server);
  const log = createLog({ level: 'debug', destination: { write: (line) => void lines.push(line) } });
  const parts = await compose({ config, settings, clock: new NodeClock(), log });
  await startApps(parts, config);
  parts.health.started();
  const sites = createSites(parts, settings);

  const request: InProcess['request'] = async (method, path, { body, token, headers, peer = HERE } = {}) => {
    const response = await sites.clients.request(
      `http://127.0.0.1:7070${path}`,
      {
        method,
        headers: {
          host: '127.0.0.1:7070',
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(token != null && { authorization: `Bearer ${token}` }),
          ...headers,
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      },
      { peer },
    );
    const answer = await response.text();
    const json = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, headers: response.headers, body: json ? JSON.parse(answer) : answer };
  };
  return {
    parts,
    settings,
    lines,
    request,
    admin: (method, path, body, options = {}) =>
      request(method, `/admin/v1${path}`, { body, token: ADMIN_TOKEN, ...options }),
  };
}
