import { GRANT_SECTIONS, type ParsedGrant, parseGrant, verifyGrant } from '@portcullis/policy';
import { type ServerConfig, signingSecrets } from '../config/index.ts';
import { formOf, headerOf, parseJsonObject } from '../identity/token-form.ts';
import { encryptedTokenId, signedTokenId } from '../identity/token-id.ts';
import type { Arguments } from './arguments.ts';
import { APP_OPTION, appAtHand, CONFIG_OPTION, configAtHand, readInput } from './at-hand.ts';
import { type Command, failure, usage } from './command.ts';
import type { Io } from './io.ts';
import { sayBits } from './permissions.ts';
import { identify } from './proofs.ts';

export const parse: Command = {
  name: 'parse',
  summary: 'Show what a token says: its id, its times, and what it permits or whom it names.',
  operands: '[FILE]',
  options: {
    config: { ...CONFIG_OPTION, about: 'Verify it as well, with the keys of this configuration.' },
    app: { ...APP_OPTION, about: 'The app whose keys verify it; otherwise each is tried.' },
  },
  example: 'portcullis grant --app demo --read chat | portcullis parse --config portcullis.yaml',
  notes: [
    'The token is read from FILE or standard input, never from the command line. Without --config nothing is verified.',
  ],
  async run(args, io) {
    const [file = '-', more] = args.operands;
    if (more !== undefined) throw usage('one FILE at most; a token is read from standard input');
    if (file.length > 60 && formOf(file) !== 'none')
      throw usage('a token on the command line is seen by others: use standard input');
    const token = await readInput(file, io);
    const form = formOf(token);
    const lines =
      form === 'grant' ? grantLines(token, io.now()) : form === 'none' ? undefined : jwtLines(token, form, io.now());
    if (lines === undefined) throw failure('this is neither a permission token nor a JWT');
    for (const line of lines) io.out(line);
    if (!args.has('config')) {
      io.out('signature    not checked; --config verifies it');
      return 0;
    }
    const verdict = await verify(token, form === 'grant', args, io);
    io.out(`signature    ${verdict.says}`);
    return verdict.valid ? 0 : 1;
  },
};

function grantLines(token: string, now: number): string[] {
  const parsed = parseGrant(token);
  if (!parsed.ok) throw failure(`this is no permission token: ${parsed.reason}`);
  const { grant } = parsed;
  return [
    'form         permission token',
    `id           ${grant.id}`,
    `issued       ${instant(grant.issuedAt)}`,
    `expires      ${until(grant.issuedAt + grant.ttl * 60, now)}`,
    `user         ${grant.authorizedUser ?? 'whoever holds it'}`,
    ...permissionLines(grant),
    ...(Object.keys(grant.meta).length === 0 ? [] : [`meta         ${JSON.stringify(grant.meta)}`]),
  ];
}

function permissionLines(grant: ParsedGrant): string[] {
  return (['resources', 'patterns'] as const).flatMap((kind) =>
    GRANT_SECTIONS.flatMap((section) =>
      [...grant[kind][section]].map(([name, bits]) => {
        const head = `${section.slice(0, -1)}${kind === 'patterns' ? 's like' : ''}`;
        return `${head.padEnd(12)} ${JSON.stringify(name)}: ${sayBits(bits)}`;
      }),
    ),
  );
}

function jwtLines(token: string, form: 'signed' | 'encrypted', now: number): string[] {
  const header = headerOf(token);
  const head = [
    `form         ${form === 'signed' ? 'JWT' : 'JWE'}, alg ${String(header?.get('alg'))}${header?.has('enc') ? `, enc ${String(header.get('enc'))}` : ''}`,
    `id           ${form === 'signed' ? signedTokenId(token) : encryptedTokenId(token)}`,
  ];
  if (form === 'encrypted') return [...head, 'claims       encrypted'];
  const claims = parseJsonObject(Buffer.from(token.split('.')[1] ?? '', 'base64url'));
  if (claims === undefined) throw failure('this JWT has no claims that could be read');
  const { sub, dbo_id, row_id, iat, exp, extras, iss, aud, jti, grant } = claims;
  const said = (label: string, value: unknown) =>
    value === undefined ? [] : [`${label.padEnd(12)} ${typeof value === 'string' ? value : JSON.stringify(value)}`];
  return [
    ...head,
    ...said('jti', jti),
    ...(typeof iat === 'number' ? [`issued       ${instant(iat)}`] : []),
    ...(typeof exp === 'number' ? [`expires      ${until(exp, now)}`] : ['expires      never says, so it is refused']),
    ...said('user', sub),
    ...said('table', dbo_id),
    ...said('row', row_id),
    ...said('issuer', iss),
    ...said('audience', aud),
    ...said('extras', extras),
    ...(grant === undefined ? [] : ['carries      a permission token']),
  ];
}

async function verify(token: string, isGrant: boolean, args: Arguments, io: Io) {
  const config: ServerConfig = configAtHand(args, io);
  const apps = args.has('app') ? [appAtHand(config, args)] : config.apps;
  const refusals: string[] = [];
  for (const app of apps) {
    if (isGrant) {
      const outcome = verifyGrant(token, { app: app.id, secrets: signingSecrets(app), now: io.now() });
      if (outcome.ok) return { valid: true, says: `valid for the app "${app.id}", key ${outcome.grant.key}` };
      refusals.push(`${app.id}: ${outcome.code}, ${outcome.reason}`);
    } else {
      const outcome = await identify(token, app, config, io);
      if (outcome.ok)
        return {
          valid: true,
          says: `valid for the app "${app.id}", key ${outcome.principal.credentials[0]?.key ?? ''}`,
        };
      refusals.push(`${app.id}: ${outcome.code}, ${outcome.reason}`);
    }
  }
  return { valid: false, says: `not valid: ${refusals.join('; ') || 'the configuration has no apps'}` };
}

function instant(seconds: number): string {
  const ms = seconds * 1_000;
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : `${seconds} s since 1970`;
}

function until(seconds: number, now: number): string {
  const left = seconds - Math.floor(now / 1_000);
  const minutes = Math.round(Math.abs(left) / 60);
  return `${instant(seconds)} (${left > 0 ? `in ${minutes} min` : `${minutes} min ago`})`;
}
