import { dateOf, listIn, SHOWING, type Shown, show } from './answers.ts';
import { readJson } from './at-hand.ts';
import { type Command, usage } from './command.ts';
import { callManagement } from './management.ts';

export const actionsTry: Command = {
  name: 'actions dry-run',
  summary:
    'Show what a listener of the running server would take, of a sample or of the last hundred real events. Nothing is done.',
  operands: 'LISTENER',
  options: {
    ...SHOWING,
    sample: { value: 'JSON', about: 'An event; what it leaves out is filled in. Otherwise what really happened.' },
    payloads: { about: 'With --json: the events themselves as well.' },
  },
  example: `portcullis actions dry-run denied-to-webhook --app demo --sample '{"type":"access.denied","channel":"chatroom/1"}'`,
  notes: ['Asking for what really happened has the server remember all events of the app for 15 minutes.'],
  async run(args, io) {
    const [listener, second] = args.operands;
    if (listener === undefined || second !== undefined) throw usage('name one listener');
    const sample = args.text('sample');
    const body = {
      action: listener,
      ...(sample === undefined ? {} : { sample: readJson(sample, 'sample') }),
      ...(args.has('payloads') ? { payloads: true } : {}),
    };
    const answer = await callManagement(args, io, { path: 'action-dry-run', body });
    const events = listIn(answer, 'events');
    const { taken } = answer as Shown;
    show(answer, [...events.map(eventLine), `${String(taken)} of ${events.length} events would be taken`], {
      args,
      io,
    });
    return 0;
  },
};

function eventLine({ type, channel, at, takes, why }: Shown): string {
  const where = channel === undefined ? '' : ` in ${String(channel)}`;
  return `${dateOf(at)}  ${String(type)}${where}: ${takes === true ? 'taken' : `left out (${String(why)})`}`;
}
