import { isRecord } from '../config/section.ts';
import { dateOf, listIn, SHOWING, type Shown, show } from './answers.ts';
import type { Command } from './command.ts';
import { callManagement } from './management.ts';

export const actionsList: Command = {
  name: 'actions list',
  summary: 'Show the listeners of an app on the running server, and what waits for each of their actions.',
  options: SHOWING,
  example: 'portcullis actions list --app demo',
  async run(args, io) {
    const answer = await callManagement(args, io, { method: 'GET', path: 'actions' });
    const listeners = listIn(answer, 'actions');
    show(answer, listeners.length === 0 ? ['no listeners'] : listeners.flatMap(listenerLines), { args, io });
    return 0;
  },
};

function listenerLines({ name, origin, enabled, on, ...rest }: Shown): string[] {
  const types = Array.isArray(on) ? on.join(', ') : '';
  const off = enabled === false ? ', switched off' : '';
  const head = `${String(name)} (from the ${origin === 'file' ? 'file' : 'API'}${off}): ${types}`;
  return [head, ...listIn(rest, 'do').map((action) => `  ${String(name)}/${String(action.id)}: ${stateOf(action)}`)];
}

function stateOf({ state }: Shown): string {
  if (!isRecord(state)) return 'nothing yet';
  const { waiting, done, failed, dead, dropped, oldestAt, failing } = state;
  const since = oldestAt === null || oldestAt === undefined ? '' : `, the oldest since ${dateOf(oldestAt)}`;
  const trouble = failing === true ? ', failing now' : '';
  return `${String(waiting)} waiting${since}${trouble}; ${String(done)} done, ${String(failed)} failed attempts, ${String(dead)} dead, ${String(dropped)} dropped`;
}
