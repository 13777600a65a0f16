import { type GrantProblem, mintGrant } from '@portcullis/policy';
import { parseDuration, signingSecrets } from '../config/index.ts';
import type { Arguments } from './arguments.ts';
import { APP_OPTION, appAtHand, CONFIG_OPTION, configAtHand, readJson } from './at-hand.ts';
import { type Command, failure, type Option, usage } from './command.ts';
import { PERMISSIONS, PermissionTable, readBits, readEntry, readPermissions } from './permissions.ts';

const channels = (permission: string): Option => ({
  value: 'CHANNEL',
  multiple: true,
  about: `Channels with ${permission}.`,
});

export const grant: Command = {
  name: 'grant',
  summary: 'Mint a permission token off-line, from the app’s secret key, and print it.',
  options: {
    app: APP_OPTION,
    config: CONFIG_OPTION,
    ttl: { value: 'TIME', about: 'How long it is valid: 15m, 12h, or minutes; at most 30d. Otherwise 1h.' },
    user: { value: 'USER', about: 'The one user who may use it; otherwise whoever holds it.' },
    ...Object.fromEntries(PERMISSIONS.map((permission) => [permission, channels(permission)])),
    pattern: {
      value: 'PERMISSIONS:REGEX',
      multiple: true,
      about: 'Channels whose whole name matches: read,write:room-.+',
    },
    group: { value: 'PERMISSIONS:NAME', multiple: true, about: 'Channel groups.' },
    uuid: { value: 'PERMISSIONS:USER', multiple: true, about: 'Users, for their metadata.' },
    permissions: {
      value: 'JSON',
      about: 'Instead: { "resources": { "channels": { "chat": 3 } }, "patterns": { … }, "meta": { … } }.',
    },
  },
  example: "portcullis grant --app demo --ttl 1h --user anna --read chat news --write chat --pattern 'read:room-.+'",
  async run(args, io) {
    const app = appAtHand(configAtHand(args, io), args);
    const [secret] = signingSecrets(app);
    if (secret === undefined) throw failure(`the app "${app.id}" has no keys.secret to sign with`);
    const user = args.text('user');
    const minted = mintGrant(
      {
        ttl: readTtl(args.text('ttl') ?? '1h'),
        ...(user === undefined ? {} : { authorizedUser: user }),
        ...readTable(args),
      },
      { app: app.id, secret, now: io.now(), nonce: Buffer.from(io.random(16)).toString('base64url') },
    );
    if (!minted.ok) throw failure(minted.problems.map(sayProblem).join('\n'));
    for (const warning of minted.warnings) io.err(`warning: ${sayProblem(warning)}`);
    if (!app.access.open && !app.access.grants) {
      io.err(`warning: the app "${app.id}" has grants off: there the token proves its user and permits nothing`);
    }
    io.out(minted.token);
    return 0;
  },
};

/** Minutes. */
function readTtl(text: string): number {
  const ms = /^\d+$/.test(text) ? Number(text) * 60_000 : parseDuration(text);
  if (ms === undefined) throw usage('--ttl takes a duration like 15m or 12h, or minutes');
  return Math.ceil(ms / 60_000);
}

function readTable(args: Arguments) {
  const json = args.text('permissions');
  const table = new PermissionTable();
  let named = false;
  const add = (
    kind: 'resources' | 'patterns',
    section: 'channels' | 'groups' | 'uuids',
    name: string,
    bits: number,
  ) => {
    named = true;
    table.add(kind, section, name, bits);
  };
  for (const permission of PERMISSIONS) {
    // A channel's name has no comma.
    const names = args.all(permission).flatMap((value) => value.split(','));
    for (const name of names) add('resources', 'channels', name, readBits([permission]));
  }
  for (const [flag, kind, section] of [
    ['pattern', 'patterns', 'channels'],
    ['group', 'resources', 'groups'],
    ['uuid', 'resources', 'uuids'],
  ] as const) {
    for (const value of args.all(flag)) {
      const { bits, name } = readEntry(value, flag);
      add(kind, section, name, bits);
    }
  }
  if (json !== undefined && named) throw usage('--permissions stands alone: it holds all there is to permit');
  if (json !== undefined) return readPermissions(readJson(json, 'permissions'));
  if (!named) throw usage('what is to be permitted? --read CHANNEL, --write CHANNEL, --pattern PERMISSIONS:REGEX …');
  return { resources: table.resources, patterns: table.patterns };
}

export function sayProblem({ at, pattern, position, message }: GrantProblem): string {
  const where = pattern === undefined ? at : `${at} "${pattern}"${position === undefined ? '' : ` at ${position}`}`;
  return `${where}: ${message}`;
}
