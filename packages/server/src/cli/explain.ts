import { ANONYMOUS, CODES, compilePolicy, explain as decideWithSteps, type Principal } from '@portcullis/policy';
import { type AppConfig, appDefinition } from '../config/index.ts';
import type { Arguments } from './arguments.ts';
import { type Asked, AUDIENCES, readAsked } from './asking.ts';
import { APP_OPTION, appAtHand, CONFIG_OPTION, configAtHand, readId } from './at-hand.ts';
import { type Command, usage } from './command.ts';
import type { Io } from './io.ts';
import { callManagement, URL_OPTION } from './management.ts';
import { identify } from './proofs.ts';
import { readToken } from './read-token.ts';
import { type Answer, answerLines, toAnswer } from './say-answer.ts';

export const explain: Command = {
  name: 'explain',
  summary: 'Say whether something would be allowed, step by step, and what would change it. Asks the running server.',
  options: {
    app: APP_OPTION,
    operation: { value: 'OPERATION', about: 'join, publish, roster, history, receive …: docs/operations.md.' },
    channel: { value: 'NAME', about: 'The channel; for some operations the group or user.' },
    to: { value: 'AUDIENCE', about: `publish, receive: ${AUDIENCES.join(', ')}. Otherwise everyone.` },
    anonymous: { about: 'Asked by a client without a proof; also without any of the next three.' },
    user: { value: 'USER', about: 'Asked by this proven user.' },
    table: { value: 'ID', about: 'With --user: the table it is of.' },
    row: { value: 'ID', about: 'With --user: the row it is.' },
    token: {
      value: 'TOKEN',
      about: 'Asked by the bearer of this token: a file, - for standard input, or the token itself.',
    },
    config: CONFIG_OPTION,
    offline: { about: 'Decide from the file alone: without rules, bans and revocations that were made on the server.' },
    url: URL_OPTION,
    json: { about: 'Print JSON.' },
  },
  example: 'portcullis explain --app demo --operation publish --channel chatroom/1 --anonymous',
  notes: ['Exits with 0 when it is allowed and with 1 when it is denied.'],
  async run(args, io) {
    const operation = args.required('operation');
    const to = args.text('to');
    const read = readAsked(to === undefined ? operation : `${operation} to ${to}`);
    if (!read.ok) throw usage(read.reason);
    if (args.has('anonymous') && (args.has('user') || args.has('token')))
      throw usage('--anonymous has neither --user nor --token');
    if (args.has('user') && args.has('token')) throw usage('--token says who asks already; leave out --user');
    const answer = await (args.has('offline') ? askFile(args, io, read.asked) : askServer(args, io, read.asked));
    if (args.has('json')) io.out(JSON.stringify(answer, null, 2));
    else for (const line of answerLines(answer)) io.out(line);
    return answer.allowed ? 0 : 1;
  },
};

async function askServer(args: Arguments, io: Io, asked: Asked): Promise<Answer> {
  const [channel, token, user, table, row] = ['channel', 'token', 'user', 'table', 'row'].map((name) =>
    args.text(name),
  );
  const body = {
    ...asked,
    ...(channel === undefined ? {} : { channel }),
    ...(token === undefined ? {} : { token: await readToken(token, io) }),
    ...(user === undefined ? {} : { user }),
    ...(table === undefined ? {} : { table: readId(table) }),
    ...(row === undefined ? {} : { row: readId(row) }),
    ...(args.has('anonymous') ? { anonymous: true } : {}),
  };
  return toAnswer(await callManagement(args, io, { path: 'explain', body }));
}

async function askFile(args: Arguments, io: Io, asked: Asked): Promise<Answer> {
  const config = configAtHand(args, io);
  const app = appAtHand(config, args);
  const token = args.text('token');
  const proven = token === undefined ? undefined : await identify(await readToken(token, io), app, config, io);
  if (proven !== undefined && !proven.ok) {
    const question = 'Is the token genuine and still valid?';
    const steps = [{ gate: 'identity', question, answer: 'no', detail: proven.reason }] as const;
    return { allowed: false, code: proven.code, steps, fix: CODES[proven.code].fix };
  }
  const name = args.text('channel');
  const principal = proven?.principal ?? stated(args);
  return decideWithSteps(
    { ...asked, principal, now: io.now(), ...(name === undefined ? {} : { name }) },
    policyOf(app),
  );
}

function stated(args: Arguments): Principal {
  const user = args.text('user');
  if (user === undefined) return ANONYMOUS;
  const [table, row] = [args.text('table'), args.text('row')];
  return {
    kind: 'user',
    user,
    table: table === undefined ? 1 : readId(table),
    row: row === undefined ? user : readId(row),
    extras: {},
    credentials: [],
  };
}

/** The policy of an app as its file has it. */
export function policyOf(app: AppConfig) {
  const { settings, fileRules } = appDefinition(app);
  return compilePolicy({ app: app.id, epoch: 0, settings, rules: fileRules, revocations: [], bans: [] });
}
