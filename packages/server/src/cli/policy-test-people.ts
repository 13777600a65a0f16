import { ANONYMOUS, credentialOf, type Grant, mintGrant, type Principal, verifyGrant } from '@portcullis/policy';
import { type AppConfig, signingSecrets } from '../config/index.ts';
import { isRecord } from '../config/section.ts';
import type { Found } from '../config/unknown-keys.ts';
import { validate } from '../config/validate.ts';
import { CommandError, usage } from './command.ts';
import { sayProblem } from './grant.ts';
import type { Io } from './io.ts';
import { PERMISSIONS, PermissionTable, readBits } from './permissions.ts';
import { type Person, personSchema } from './policy-test-schema.ts';

export type People = ReadonlyMap<string, Principal>;

/** Makes the people of a test file. Their grants are minted and verified like any other. */
export function readPeople(
  json: Record<string, unknown>,
  app: AppConfig,
  io: Io,
): { people: People; faults: readonly Found[] } {
  const people = new Map<string, Principal>();
  const faults: Found[] = [];
  for (const [name, given] of Object.entries(json)) {
    const read = validate(personSchema, given);
    if (!read.ok) {
      faults.push(...read.found.map(({ path, message }) => ({ path: ['people', name, ...path], message })));
      continue;
    }
    try {
      people.set(name, toPrincipal(read.value, app, io));
    } catch (fault) {
      if (!(fault instanceof CommandError)) throw fault;
      faults.push({ path: ['people', name], message: fault.message });
    }
  }
  return { people, faults };
}

function toPrincipal(person: 'anonymous' | 'server' | Person, app: AppConfig, io: Io): Principal {
  if (person === 'anonymous') return ANONYMOUS;
  if (person === 'server') return { kind: 'server', name: 'policy test', credentials: [] };
  const { user, stated, table = 1, row = user } = person;
  if (user !== undefined && stated !== undefined) throw usage('is either a user or stated');
  const grant = person.grant === undefined ? undefined : mint(person.grant, user, app, io);
  const proofs = grant === undefined ? { credentials: [] } : { credentials: [credentialOf(grant)], grant };
  if (user !== undefined) return { kind: 'user', user, table, row: row ?? user, extras: {}, ...proofs };
  return stated === undefined ? { kind: 'anonymous', ...proofs } : { kind: 'stated', user: stated, ...proofs };
}

function mint(given: Record<string, unknown>, user: string | undefined, app: AppConfig, io: Io): Grant {
  // An app without a secret has no grants; a test may still ask what one would permit.
  const [secret = { id: 'policy-test', secret: Buffer.from(io.random(32)).toString('hex') }] = signingSecrets(app);
  const table = new PermissionTable();
  addNames(given, 'resources', table);
  if (isRecord(given.patterns)) addNames(given.patterns, 'patterns', table);
  const minted = mintGrant(
    {
      ttl: 60,
      resources: table.resources,
      patterns: table.patterns,
      ...(user === undefined ? {} : { authorizedUser: user }),
    },
    { app: app.id, secret, now: io.now(), nonce: Buffer.from(io.random(16)).toString('base64url') },
  );
  if (!minted.ok) throw usage(`grant: ${minted.problems.map(sayProblem).join('; ')}`);
  const verified = verifyGrant(minted.token, { app: app.id, secrets: [secret] });
  if (!verified.ok) throw new Error('a grant that was just minted does not verify');
  return verified.grant;
}

/** `{ read: [chat], "read,write": [room] }`. */
function addNames(given: Record<string, unknown>, kind: 'resources' | 'patterns', table: PermissionTable): void {
  for (const [permissions, names] of Object.entries(given)) {
    if (permissions === 'patterns' && kind === 'resources') continue;
    const list = Array.isArray(names) ? names : [names];
    const bits = readBits(permissions.split(','));
    for (const name of list) {
      if (typeof name !== 'string')
        throw usage(`grant: expected channels under "${permissions}", one of ${PERMISSIONS.join(', ')}`);
      table.add(kind, 'channels', name, bits);
    }
  }
}
