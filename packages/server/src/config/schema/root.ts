import { didYouMean } from '@portcullis/policy';
import * as v from 'valibot';
import { leaf, text } from '../leaf.ts';
import { key, listKey, sectionKey } from '../section.ts';
import { appSchema } from './app.ts';
import { serverSchema } from './server.ts';

/** A part of the server that has one implementation so far; the addresses of others are recognised and refused by name. */
function only<const W extends string>(word: W, later: RegExp, name: string) {
  return leaf<W>(`\`${word}\``, (input) => {
    if (input === word) return { value: word };
    if (typeof input === 'string' && later.test(input)) {
      return { fault: `${name} is not offered in this version; only ${word} is` };
    }
    return { fault: `expected ${word}${typeof input === 'string' ? didYouMean(input, [word]) : ''}` };
  });
}

export const rootSchema = v.pipe(
  v.object({
    server: sectionKey(serverSchema, 'The process: where it listens, whom it believes.'),
    data: key(
      text('path'),
      './data',
      'Folder of the embedded store, relative to the working directory; `:memory:` keeps nothing.',
    ),
    engine: key(only('memory', /^(?:redis|rediss|valkey):/i, 'Redis'), 'memory', 'What orders messages.'),
    store: key(
      only('sqlite', /^postgres(?:ql)?:/i, 'PostgreSQL'),
      'sqlite',
      'What keeps rules, history and the audit trail.',
    ),
    apps: listKey(appSchema, 'The tenants. In the environment an app is named by its `id`.'),
  }),
  v.metadata({ later: ['cluster'] }),
);

export type RootInput = v.InferOutput<typeof rootSchema>;
export type AppInput = RootInput['apps'][number];
export type JwtInput = AppInput['identity']['jwt'][number];
