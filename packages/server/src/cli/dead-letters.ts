import { isRecord } from '../config/section.ts';
import { dateOf, listIn, queryOf, readCount, SHOWING, type Shown, show } from './answers.ts';
import type { Arguments } from './arguments.ts';
import { type Command, type Option, usage } from './command.ts';
import { counted } from './counted.ts';
import type { Io } from './io.ts';
import { callManagement } from './management.ts';

/** Dead letters that one call of the management API takes. */
const AT_ONCE = 1_000;
const ACTION: Option = { value: 'LISTENER/ID', about: 'Only those of one action.' };

export const deadLetters: Command = {
  name: 'actions dead-letters',
  summary: 'Show the events that actions gave up on the running server, newest first.',
  options: {
    ...SHOWING,
    action: ACTION,
    limit: { value: 'N', about: 'So many, 1000 at most. Otherwise 100.' },
    before: { value: 'ID', about: 'Those before this one: the next page.' },
    payloads: { about: 'With --json: the events themselves as well.' },
  },
  example: 'portcullis actions dead-letters --app demo --action denied-to-webhook/webhook',
  async run(args, io) {
    for (const name of ['limit', 'before']) if (args.has(name)) readCount(args.required(name), name);
    const query = queryOf(args, ['action', 'limit', 'before', 'payloads']);
    const answer = await callManagement(args, io, { method: 'GET', path: `dead-letters${query}` });
    const letters = listIn(answer, 'letters');
    const { total, next } = answer as Shown;
    const more = next === null ? '' : `; go on with --before ${String(next)}`;
    show(answer, [...letters.map(letterLine), `${letters.length} of ${String(total)} dead letters${more}`], {
      args,
      io,
    });
    return 0;
  },
};

function letterLine({ id, action, channel, at, attempts, reason }: Shown): string {
  const where = channel === null ? '' : ` in ${String(channel)}`;
  return `${String(id)}  ${String(action)}${where}, of ${dateOf(at)}: ${String(reason)} (${counted(Number(attempts), 'attempt')})`;
}

export const replay: Command = {
  name: 'actions replay',
  summary: 'Hand dead letters to their actions again on the running server, behind what waits there.',
  operands: '[ID…]',
  options: {
    ...SHOWING,
    all: { about: 'All there are, or with --action all of that.' },
    action: { ...ACTION, about: 'With --all: only those of one action.' },
    'dry-run': { about: 'Only say which would be.' },
  },
  example: 'portcullis actions replay --app demo --all --action denied-to-webhook/webhook --dry-run',
  async run(args, io) {
    const all = args.has('all');
    if (all === args.operands.length > 0) throw usage('name the dead letters by their ids, or say --all');
    if (args.has('action') && !all) throw usage('--action is for --all');
    const ids = all
      ? (await every(args, io)).map(({ id }) => Number(id))
      : args.operands.map((id) => readCount(id, 'ID'));
    if (args.has('dry-run')) {
      show({ letters: ids }, [`would replay ${ids.length}${ids.length === 0 ? '' : `: ${ids.join(' ')}`}`], {
        args,
        io,
      });
      return 0;
    }
    let replayed = 0;
    for (let at = 0; at < ids.length; at += AT_ONCE) {
      const body = { letters: ids.slice(at, at + AT_ONCE) };
      const answer = await callManagement(args, io, { path: 'dead-letters/replay', body });
      replayed += isRecord(answer) ? Number(answer.replayed) : 0;
    }
    show({ replayed }, [`Replayed ${replayed} of ${ids.length}.`], { args, io });
    return replayed === ids.length ? 0 : 1;
  },
};

/** Oldest first, so that what comes again comes in its order. */
async function every(args: Arguments, io: Io): Promise<readonly Shown[]> {
  const action = args.text('action');
  const of = action === undefined ? '' : `&action=${encodeURIComponent(action)}`;
  const found: Shown[] = [];
  let before = '';
  for (;;) {
    const path = `dead-letters?limit=${AT_ONCE}${of}${before}`;
    const answer = await callManagement(args, io, { method: 'GET', path });
    found.push(...listIn(answer, 'letters'));
    const { next } = answer as Shown;
    if (typeof next !== 'number') return found.reverse();
    before = `&before=${next}`;
  }
}
