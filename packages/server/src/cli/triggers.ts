import { dateOf, listIn, queryOf, readCount, SHOWING, type Shown, show } from './answers.ts';
import { readJson } from './at-hand.ts';
import { type Command, type Option, usage } from './command.ts';
import { counted } from './counted.ts';
import { callManagement } from './management.ts';

export const triggersList: Command = {
  name: 'triggers list',
  summary: 'Show the triggers of an app on the running server, in the order in which they run.',
  options: SHOWING,
  example: 'portcullis triggers list --app demo',
  async run(args, io) {
    const answer = await callManagement(args, io, { method: 'GET', path: 'triggers' });
    const triggers = listIn(answer, 'triggers');
    show(answer, triggers.length === 0 ? ['no triggers'] : triggers.map(triggerLine), { args, io });
    return 0;
  },
};

function triggerLine({ id, origin, channel, enabled, on, ...rest }: Shown): string {
  const actions = Array.isArray(on) ? on.join(' and ') : typeof on === 'string' ? on : 'join and message';
  const off = enabled === false ? ', switched off' : '';
  const from = origin === 'file' ? 'file' : 'API';
  return `${String(id)}  ${String(channel)} on ${actions}: ${counted(listIn(rest, 'steps').length, 'step')} (from the ${from}${off})`;
}

const PAYLOADS: Option = { about: 'With --json: what was sent, and what became of it, as well.' };

export const triggersRuns: Command = {
  name: 'triggers runs',
  summary: 'Show the latest runs of triggers on the running server, newest first, with what each step came to.',
  options: { ...SHOWING, limit: { value: 'N', about: 'So many, 200 at most. Otherwise 100.' }, payloads: PAYLOADS },
  example: 'portcullis triggers runs --app demo --limit 20',
  async run(args, io) {
    if (args.has('limit')) readCount(args.required('limit'), 'limit');
    const path = `trigger-runs${queryOf(args, ['limit', 'payloads'])}`;
    const answer = await callManagement(args, io, { method: 'GET', path });
    const runs = listIn(answer, 'runs');
    show(answer, runs.length === 0 ? ['no runs'] : runs.flatMap(runLines), { args, io });
    return 0;
  },
};

export const triggersTry: Command = {
  name: 'triggers dry-run',
  summary:
    'Show what the triggers of the running server would do with a sample or with the latest messages. Nothing is published.',
  options: {
    ...SHOWING,
    sample: { value: 'JSON', about: 'A join or message: { action, channel, user?, payload? and so on }.' },
    recent: { about: 'What triggers saw lately.' },
    channel: { value: 'CHANNEL', about: 'What this channel keeps.' },
    limit: { value: 'N', about: 'With --recent and --channel: so many, 100 at most.' },
    endpoints: { about: 'Ask endpoints too; otherwise they are passed over.' },
    payloads: PAYLOADS,
  },
  example: `portcullis triggers dry-run --app demo --sample '{"action":"message","channel":"chatroom/1","user":"ada","payload":{"text":"darn"}}'`,
  async run(args, io) {
    const [sample, channel, limit] = [args.text('sample'), args.text('channel'), args.text('limit')];
    const real = args.has('recent') || channel !== undefined;
    if ((sample !== undefined) === real)
      throw usage('one of --sample JSON, --recent and --channel CHANNEL is required');
    if (limit !== undefined && !real) throw usage('--limit is for --recent and --channel');
    const recent = {
      ...(channel === undefined ? {} : { channel }),
      ...(limit === undefined ? {} : { limit: readCount(limit, 'limit') }),
    };
    const body = {
      ...(sample === undefined ? { recent } : { sample: readJson(sample, 'sample') }),
      ...(args.has('endpoints') ? { endpoints: true } : {}),
      ...(args.has('payloads') ? { payloads: true } : {}),
    };
    const answer = await callManagement(args, io, { path: 'triggers/try', body });
    const runs = listIn(answer, 'runs');
    const { unasked } = answer as Shown;
    show(
      answer,
      [...runs.flatMap(runLines), `${counted(runs.length, 'run')}; of ${String(unasked)} no trigger is asked`],
      {
        args,
        io,
      },
    );
    return 0;
  },
};

function runLines({ at, action, channel, principal, outcome, code, reason, changed, ms, ...rest }: Shown): string[] {
  const end = outcome === 'pass' ? (changed === true ? 'passes, changed' : 'passes') : `refused with ${String(code)}`;
  const why = reason === undefined ? '' : ` (${String(reason)})`;
  return [
    `${dateOf(at)}  ${String(action)} of ${String(principal)} in ${String(channel)}: ${end}${why}, ${String(ms)} ms`,
    ...listIn(rest, 'steps').map(stepLine),
  ];
}

function stepLine({ trigger, step, does, outcome, error }: Shown): string {
  const what = error === undefined ? '' : `: ${String(error)}`;
  return `  trigger ${String(trigger)}, step ${String(step)} (${String(does)}): ${String(outcome)}${what}`;
}
