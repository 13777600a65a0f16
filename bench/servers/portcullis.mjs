import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mintGrant } from '../../packages/policy/dist/index.js';
import { freePort, startOnCore } from './run.mjs';

const BIN = join(import.meta.dirname, '../../packages/server/bin/portcullis.mjs');
/** Loads the server with a switch at its decisions: for the bench that asks what deciding costs. */
const SWITCHABLE = join(import.meta.dirname, '../unchecked/register.mjs');

export const HASH = 'bench-hash-0123456789abcdef0123456789';
export const PUBLISH_KEY = 'pub-bench-0123456789abcdef0123456789';
export const SUBSCRIBE_KEY = 'sub-bench-0123456789abcdef0123456789';
export const ADMIN_TOKEN = 'bench-admin-token-0123456789abcdef01';
const SECRET = 'sec-bench-0123456789abcdef0123456789';

export const ROOM_RULE = {
  target: 'room/*',
  nested: true,
  anonymousClients: true,
  presence: true,
  publicMessaging: true,
};

/**
 * Portcullis as an operator runs it, on the server's core. Rules are on; with `grants` every client needs a permission
 * token as well.
 */
export async function startPortcullis({
  rules = [ROOM_RULE],
  grants = false,
  keep = false,
  limits = {},
  switchable = false,
} = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-bench-'));
  const config = join(folder, 'portcullis.yaml');
  const port = await freePort();
  const settings = {
    server: { host: '127.0.0.1', port, adminToken: ADMIN_TOKEN },
    data: keep ? join(folder, 'data') : ':memory:',
    apps: [
      {
        id: 'bench',
        connectionHash: HASH,
        keys: { publish: PUBLISH_KEY, subscribe: SUBSCRIBE_KEY, secret: SECRET },
        access: { rules: 'on', grants: grants ? 'on' : 'off' },
        limits: { joinTimeout: '1h', ...limits },
        channels: rules,
      },
    ],
  };
  // JSON is YAML.
  writeFileSync(config, JSON.stringify(settings));
  const args = [...(switchable ? ['--import', SWITCHABLE] : []), BIN, 'serve', '--config', config];
  const ready = () =>
    fetch(`http://127.0.0.1:${port}/readyz`).then(
      ({ status }) => status === 200,
      () => false,
    );
  const server = await startOnCore(process.execPath, args, { port, ready });
  return {
    ...server,
    stop: () => {
      server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

let minted = 0;

/** A permission token of the app for one user, as an operator's backend would mint it: `{ token, id, user }`. */
export function grantFor(user, { channels = [], patterns = ['room/.*'], bits = 3 } = {}) {
  const spec = {
    ttl: 600,
    authorizedUser: user,
    resources: { channels: new Map(channels.map((name) => [name, bits])) },
    patterns: { channels: new Map(patterns.map((pattern) => [pattern, bits])) },
  };
  minted += 1;
  const nonce = String(minted).padStart(16, '0');
  const outcome = mintGrant(spec, { app: 'bench', secret: { id: 'k', secret: SECRET }, now: Date.now(), nonce });
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems));
  return { ...outcome, user };
}

/** A call of the management API as a request. */
export function adminRequest(method, path, body) {
  return {
    method,
    path: `/admin/v1${path}`,
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
}

/** A call of the management API; throws unless it answers with success. */
export async function admin(server, method, path, body) {
  const { path: whole, ...request } = adminRequest(method, path, body);
  const answer = await fetch(`http://127.0.0.1:${server.port}${whole}`, request);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
