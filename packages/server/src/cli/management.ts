import type { ServerConfig } from '../config/index.ts';
import { isRecord } from '../config/section.ts';
import type { Arguments } from './arguments.ts';
import { configAtHand } from './at-hand.ts';
import { failure, type Option, usage } from './command.ts';
import type { Io } from './io.ts';

export const URL_OPTION: Option = {
  value: 'URL',
  about: 'The running server; otherwise PORTCULLIS_URL, or where the configuration says it listens.',
};

/** One call, of an app. */
export type ManagementCall =
  | { readonly method: 'GET'; readonly path: string }
  | { readonly method?: 'POST'; readonly path: string; readonly body: unknown };

/** Calls the management API of the running server with the admin token of the configuration. */
export async function callManagement(args: Arguments, io: Io, call: ManagementCall): Promise<unknown> {
  const { server } = configAtHand(args, io);
  if (server.adminToken === undefined) {
    throw usage('server.adminToken is not set: name the file with --config, or set PORTCULLIS_SERVER_ADMIN_TOKEN');
  }
  const root = (args.text('url') ?? io.env.PORTCULLIS_URL ?? addressOf(server)).replace(/\/$/, '');
  const url = `${root}/admin/v1/apps/${encodeURIComponent(appId(args, io))}/${call.path}`;
  let response: Response;
  try {
    response = await io.fetch(url, {
      method: call.method ?? 'POST',
      headers: { authorization: `Bearer ${server.adminToken}`, 'content-type': 'application/json' },
      ...(call.method === 'GET' ? {} : { body: JSON.stringify(call.body) }),
      redirect: 'error',
      signal: AbortSignal.timeout(10_000),
    });
  } catch (fault) {
    throw failure(`cannot reach ${root}${reasonOf(fault)}; is the server running there? --url says where else`);
  }
  const text = await response.text();
  const answer = parseOr(text);
  if (!response.ok) throw failure(sayRefusal(response.status, answer));
  return answer;
}

/** `--app`, or the configuration's only one. An app that was made in the API stands in no file. */
function appId(args: Arguments, io: Io): string {
  const asked = args.text('app');
  if (asked !== undefined) return asked;
  const { apps } = configAtHand(args, io);
  const [only, second] = apps;
  if (only === undefined || second !== undefined)
    throw usage(`--app is required${apps.length > 0 ? `: ${apps.map(({ id }) => id).join(', ')}` : ''}`);
  return only.id;
}

function addressOf({ host, port, adminPort, tls }: ServerConfig['server']): string {
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host;
  return `${tls === undefined ? 'http' : 'https'}://${reached}:${adminPort ?? port}`;
}

function sayRefusal(status: number, answer: unknown): string {
  const { code, detail, fix, errors } = isRecord(answer) ? answer : {};
  const lines = [`${String(code ?? `status ${status}`)}: ${String(detail ?? 'refused')}`];
  if (Array.isArray(errors)) {
    for (const error of errors) if (isRecord(error)) lines.push(`  ${String(error.path)}: ${String(error.message)}`);
  }
  if (typeof fix === 'string') lines.push(`fix: ${fix}`);
  return lines.join('\n');
}

function parseOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function reasonOf(fault: unknown): string {
  const { cause, name } = fault as { cause?: { code?: string }; name?: string };
  const reason = cause?.code ?? (name === 'TimeoutError' ? 'no answer within 10s' : undefined);
  return reason === undefined ? '' : ` (${reason})`;
}
