import { formatProblem } from '../config/index.ts';
import { announce } from './announce.ts';
import { CONFIG_OPTION, loadAtHand } from './at-hand.ts';
import { type Command, CommandError } from './command.ts';
import { whereabouts } from './whereabouts.ts';

export const serve: Command = {
  name: 'serve',
  summary: 'Run the server until it is told to stop (SIGTERM, SIGINT). SIGHUP reads the configuration again.',
  options: {
    config: CONFIG_OPTION,
    host: { value: 'HOST', about: 'Address to listen on, over server.host.' },
    port: { value: 'N', about: 'Port to listen on, over server.port.' },
    data: { value: 'DIR', about: 'Folder of the embedded store, over data.' },
  },
  example: 'portcullis serve --config portcullis.yaml --port 7070',
  notes: [
    'A bad configuration exits with 2 and one line per problem. The server is ready when GET /readyz answers 200.',
  ],
  async run(args, io) {
    const flags = Object.fromEntries(
      (['host', 'port', 'data'] as const).flatMap((name) => {
        const value = args.text(name);
        return value === undefined ? [] : [[name, value]];
      }),
    );
    const loaded = loadAtHand(args, io, flags);
    if (!loaded.ok) {
      for (const problem of loaded.problems) io.err(formatProblem(problem));
      return 2;
    }
    const { config, warnings } = loaded;
    for (const warning of warnings) io.err(`warning: ${formatProblem(warning)}`);
    // Only here: the other commands need not wait for the server's modules.
    const { serve: start, StartRefused } = await import('../serve.ts');
    const stopped = io.untilStopped();
    const running = await start({
      config,
      reload: (current) => loadAtHand(args, io, flags, current),
    }).catch((fault: unknown) => {
      if (fault instanceof StartRefused) throw new CommandError(fault.problems.map(formatProblem).join('\n'), 2);
      throw startFailure(fault);
    });
    for (const line of announce(config, { ...running, where: whereabouts(args, io, config, running.adminUrl) }))
      io.err(line);
    await stopped;
    await running.stop();
    return 0;
  },
};

/** What an operator can mend (a port in use, a folder, a certificate) is said in one line; anything else is a fault with its trace. */
function startFailure(fault: unknown): unknown {
  if (!(fault instanceof Error)) return fault;
  if (fault.name === 'StartRefused') return new CommandError(`cannot start: ${fault.message}`, 2);
  const { code, syscall } = fault as NodeJS.ErrnoException;
  const mendable = fault.name === 'StoreOpenError' || syscall !== undefined || code?.startsWith('ERR_OSSL') === true;
  return mendable ? new CommandError(`cannot start: ${fault.message}`, 1) : fault;
}
