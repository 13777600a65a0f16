import { isRecord } from '../config/section.ts';
import { APP_OPTION, CONFIG_OPTION } from './at-hand.ts';
import { type Command, usage } from './command.ts';
import { callManagement, URL_OPTION } from './management.ts';
import { readToken } from './read-token.ts';

export const revoke: Command = {
  name: 'revoke',
  summary: 'Take permissions or identities back, on the running server. Live sessions that rest on them end at once.',
  options: {
    app: APP_OPTION,
    config: CONFIG_OPTION,
    url: URL_OPTION,
    token: { value: 'FILE', about: 'One token, from a file or - for standard input.' },
    'token-id': { value: 'ID', about: 'One token by its id, as parse and the logs show it.' },
    user: { value: 'USER', about: 'Everything issued to this user so far.' },
    channel: { value: 'CHANNEL', about: 'With --user: in this channel only.' },
    key: { value: 'ID', about: 'Everything signed with this key.' },
    jti: { value: 'ID', about: 'JWTs with this jti.' },
    'issued-before': {
      value: 'TIME',
      about: 'Everything issued until then: an ISO date, seconds since 1970, or now. With --user: of that user.',
    },
    reason: { value: 'TEXT', about: 'For the trail.' },
  },
  example: 'portcullis revoke --app demo --user mallory --reason "left the company"',
  async run(args, io) {
    const token = args.text('token');
    const before = args.text('issued-before');
    const body = Object.fromEntries(
      Object.entries({
        token: token === undefined ? undefined : await readToken(token, io),
        tokenId: args.text('token-id'),
        user: args.text('user'),
        channel: args.text('channel'),
        key: args.text('key'),
        jti: args.text('jti'),
        issuedBefore: before === undefined ? undefined : readInstant(before, io.now()),
        reason: args.text('reason'),
      }).filter(([, value]) => value !== undefined),
    );
    const named = Object.keys(body).filter((name) => name !== 'reason');
    if (named.length === 0)
      throw usage('what is to be revoked? --token FILE, --user USER, --key ID, --jti ID or --issued-before TIME');
    const answer = await callManagement(args, io, { path: 'revocations', body });
    const { epoch, timetoken } = isRecord(answer) ? answer : {};
    io.out(
      `Revoked. In force from epoch ${String(epoch)}: nothing published after timetoken ${String(timetoken)} reaches it.`,
    );
    return 0;
  },
};

/** Seconds since 1970. */
function readInstant(text: string, now: number): number {
  if (text === 'now') return Math.floor(now / 1_000);
  const seconds = /^\d{1,11}$/.test(text) ? Number(text) : Math.floor(Date.parse(text) / 1_000);
  if (!Number.isSafeInteger(seconds)) throw usage('--issued-before takes an ISO date, seconds since 1970, or now');
  return seconds;
}
