import { isRecord } from '../config/section.ts';
import { APP_OPTION, CONFIG_OPTION, readId, readJson } from './at-hand.ts';
import { type Command, usage } from './command.ts';
import { callManagement, URL_OPTION } from './management.ts';

export const publish: Command = {
  name: 'publish',
  summary: 'Send a server event on the running server: to everyone joined, to one table’s users, or to one user.',
  options: {
    app: APP_OPTION,
    config: CONFIG_OPTION,
    url: URL_OPTION,
    channel: { value: 'CHANNEL', about: 'Where.' },
    data: { value: 'JSON', about: 'What; - reads it from standard input.' },
    text: { value: 'TEXT', about: 'What, as plain text instead of JSON.' },
    table: { value: 'ID', about: 'Only the authenticated of this table.' },
    row: { value: 'ID', about: 'With --table: only this row.' },
    user: { value: 'USER', about: 'Only this user.' },
  },
  example: `portcullis publish --app demo --channel announcements --data '{"text":"Hello"}'`,
  async run(args, io) {
    const [data, plain] = [args.text('data'), args.text('text')];
    if ((data === undefined) === (plain === undefined)) throw usage('one of --data JSON and --text TEXT is required');
    const [table, row, user] = [args.text('table'), args.text('row'), args.text('user')];
    const body = {
      channel: args.required('channel'),
      data: data === undefined ? plain : readJson(data === '-' ? await io.stdin() : data, 'data'),
      ...(table === undefined ? {} : { table: readId(table) }),
      ...(row === undefined ? {} : { row: readId(row) }),
      ...(user === undefined ? {} : { user }),
    };
    const answer = await callManagement(args, io, { path: 'events', body });
    const { timetoken, delivered } = isRecord(answer) ? answer : {};
    io.out(`Sent to ${String(delivered)} sessions, timetoken ${String(timetoken)}.`);
    return 0;
  },
};
