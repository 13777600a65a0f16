import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Command, failure, usage } from './command.ts';
import { freshConfiguration } from './init-template.ts';

export const init: Command = {
  name: 'init',
  summary: 'Write a commented portcullis.yaml with fresh random secrets. Overwrites nothing.',
  options: {
    config: { value: 'FILE', about: 'Where to write it; otherwise portcullis.yaml here.' },
    app: { value: 'ID', about: 'Id of its app; otherwise "app".' },
  },
  example: 'portcullis init --config portcullis.yaml --app chat',
  async run(args, io) {
    const name = args.text('config') ?? 'portcullis.yaml';
    const app = args.text('app') ?? 'app';
    if (!/^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$/.test(app))
      throw usage('an app id has lower-case letters, digits, - and _');
    try {
      // Readable by its owner alone: there are secrets in it.
      writeFileSync(
        resolve(io.cwd, name),
        freshConfiguration(app, (bytes) => io.random(bytes)),
        { flag: 'wx', mode: 0o600 },
      );
    } catch (fault) {
      const { code } = fault as NodeJS.ErrnoException;
      throw failure(
        code === 'EEXIST' ? `${name} exists already; it is left as it is` : `${name} cannot be written (${code})`,
      );
    }
    io.out(`Wrote ${name}. Next: portcullis serve --config ${name}`);
    return 0;
  },
};
