import { type Loaded, loadText, type ServerConfig, type Surroundings } from './config/index.ts';
import { type Running, type ServeIo, serve } from './serve.ts';

export const ADMIN_TOKEN = 'admin-token-of-the-tests-0123456789ab';
export const JWT_SECRET = 'jwt-secret-of-the-tests-0123456789abcd';
export const APP_SECRET = 'app-secret-of-the-tests-0123456789abcd';

export const ONE_APP = `
server: { host: 127.0.0.1, port: 0, adminToken: ${ADMIN_TOKEN}, log: info, drainTimeout: 500ms }
data: ":memory:"
apps:
  - id: shop
    keys: { publish: pub-shop, subscribe: sub-shop, secret: ${APP_SECRET} }
    connectionHash: shop-hash
    access: { rules: on, grants: off }
    identity: { jwt: [ { alg: HS256, secret: ${JWT_SECRET} } ] }
    channels:
      - { target: news, anonymousClients: true }
`;

export function configOf(text: string): ServerConfig {
  const loaded = loadText({ text, env: {}, flags: {} });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}

export interface TestServer extends Running {
  readonly log: readonly Record<string, unknown>[];
  /** What the next reload reads. */
  write(text: string): void;
  hangUp(): void;
  fault(error: unknown): void;
  admin(method: string, path: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> }>;
}

/** A server on a free port, whose log, signals and file are at hand. */
export async function startServer(text: string = ONE_APP): Promise<TestServer> {
  const log: Record<string, unknown>[] = [];
  let file = text;
  let hangUp = () => {};
  let fault: (kind: 'exception' | 'rejection', error: unknown) => void = () => {};
  const read = (running: Surroundings): Loaded => loadText({ text: file, env: {}, flags: {}, running });
  const io: ServeIo = {
    onHangup: (fn) => {
      hangUp = fn;
      return () => {};
    },
    onFault: (fn) => {
      fault = fn;
      return () => {};
    },
    logTo: { write: (line) => void log.push(JSON.parse(line)) },
  };
  const running = await serve({ config: configOf(text), reload: read, io });
  return {
    ...running,
    log,
    write: (next) => {
      file = next;
    },
    hangUp: () => hangUp(),
    fault: (error) => fault('exception', error),
    admin: async (method, path, body) => {
      const response = await fetch(`${running.adminUrl}/admin/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const answer = await response.text();
      return { status: response.status, body: answer === '' ? {} : JSON.parse(answer) };
    },
  };
}
