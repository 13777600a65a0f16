import type { AppConfig, ServerConfig } from '../config/index.ts';
import { isPlayground } from '../playground/demo.ts';

interface Started {
  readonly url: string;
  readonly adminUrl: string;
  /** What of the command line of `serve` the other commands need as well, to find this server. */
  readonly where: readonly string[];
}

/** What to do next, for the person who started the server. Names public keys only. */
export function announce({ server, apps }: ServerConfig, { url, adminUrl, where }: Started): readonly string[] {
  const shown = apps.some((config) => isPlayground({ config, origin: 'file' }, server));
  const root = (server.publicUrl ?? url).replace(/\/$/, '');
  // Unless it was put elsewhere on purpose, the playground is for this machine alone.
  const page = server.playground === 'on' ? root : url;
  const [, second] = apps;
  const explain = [
    'npx portcullis explain',
    ...where,
    ...(server.adminToken === undefined ? ['--offline'] : []),
    ...(second === undefined ? [] : ['--app ID']),
    '--operation join --channel NAME --anonymous',
  ];
  return [
    '',
    `Portcullis is ready at ${root}`,
    ...(shown ? [`Open ${page}/ in a browser: the five permission templates, live.`] : []),
    ...apps.flatMap((app) => ['', ...describe(app, root)]),
    '',
    ...(server.adminToken === undefined
      ? ['The management API is closed: set server.adminToken to open it.']
      : [`Management API: ${adminUrl}/admin/v1/openapi.json (bearer server.adminToken)`]),
    ...(apps.length === 0 ? [] : [`Why was something refused?  ${explain.join(' ')}`]),
    'All commands:               npx portcullis --help',
    '',
  ];
}

function describe({ id, enabled, keys, connectionHash, access }: AppConfig, root: string): string[] {
  const gates = access.open
    ? 'open'
    : [access.rules && 'rules', access.grants && 'grants'].filter(Boolean).join(' and ');
  return [
    `App ${id}${enabled ? '' : ' (disabled)'}, access: ${gates}`,
    ...(connectionHash === undefined ? [] : [`  Xano clients:   ${root.replace(/^http/, 'ws')}/rt/${connectionHash}`]),
    ...(keys.subscribe === undefined ? [] : [`  subscribe key:  ${keys.subscribe}`]),
    ...(keys.publish === undefined ? [] : [`  publish key:    ${keys.publish}`]),
  ];
}
