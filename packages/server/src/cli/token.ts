import type { JsonObject } from '@portcullis/policy';
import { identityConfig } from '../apps/identities.ts';
import { parseDuration } from '../config/index.ts';
import { isRecord } from '../config/section.ts';
import { mintUserToken } from '../identity/mint-user-token.ts';
import { APP_OPTION, appAtHand, CONFIG_OPTION, configAtHand, readId, readJson } from './at-hand.ts';
import { type Command, failure, usage } from './command.ts';
import { readToken } from './read-token.ts';

export const token: Command = {
  name: 'token',
  summary:
    'Mint a realtime JWT for a user off-line, from the app’s shared secret (identity.jwt with alg: HS256), and print it.',
  options: {
    app: APP_OPTION,
    config: CONFIG_OPTION,
    user: { value: 'USER', about: 'Whom it proves.' },
    table: { value: 'ID', about: 'Table of the user (Xano: dbo_id). Otherwise 1.' },
    row: { value: 'ID', about: 'Row of the user (Xano: row_id). Otherwise the user id.' },
    extras: { value: 'JSON', about: 'Shown to everyone who sees the user’s presence or messages.' },
    ttl: { value: 'TIME', about: 'How long it is valid, like 15m. Otherwise 1h.' },
    grant: {
      value: 'FILE',
      about: 'A permission token for the same user to carry along, from a file or - for standard input.',
    },
  },
  example: `portcullis token --app demo --user anna --table 1 --row 7 --extras '{"name":"Anna"}' --ttl 1h`,
  async run(args, io) {
    const app = appAtHand(configAtHand(args, io), args);
    const [table, row, extras, grant] = [args.text('table'), args.text('row'), args.text('extras'), args.text('grant')];
    const ttl = parseDuration(args.text('ttl') ?? '1h');
    if (ttl === undefined || ttl === 0) throw usage('--ttl takes a duration like 15m or 12h');
    const minted = await mintUserToken(
      {
        user: args.required('user'),
        ttl: ttl / 1_000,
        ...(table === undefined ? {} : { table: readId(table) }),
        ...(row === undefined ? {} : { row: readId(row) }),
        ...(extras === undefined ? {} : { extras: readExtras(extras) }),
        ...(grant === undefined ? {} : { grant: await readToken(grant, io) }),
      },
      identityConfig(app),
      { now: io.now(), jti: Buffer.from(io.random(16)).toString('base64url') },
    );
    if (!minted.ok) throw failure(`${minted.code}: ${minted.reason}`);
    io.out(minted.token);
    return 0;
  },
};

function readExtras(text: string): JsonObject {
  const extras = readJson(text, 'extras');
  if (!isRecord(extras)) throw usage('--extras is a JSON object');
  return extras as JsonObject;
}
