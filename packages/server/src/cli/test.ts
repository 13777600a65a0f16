import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { APP_OPTION, CONFIG_OPTION } from './at-hand.ts';
import { type Command, failure } from './command.ts';
import { counted } from './counted.ts';
import { runPolicyTestFile } from './policy-test-file.ts';

export const test: Command = {
  name: 'test',
  summary: 'Run policy tests: tables of who may and may not do what. Exits with 1 on a surprise.',
  operands: '[FILE…]',
  options: {
    config: { ...CONFIG_OPTION, about: 'The configuration, over what the files name.' },
    app: { ...APP_OPTION, about: 'The app, over what the files name.' },
  },
  example: 'portcullis test chat.policy.yaml',
  notes: ['Without FILE every *.policy.yaml below the working directory is run. The format: docs/policy-tests.md.'],
  async run(args, io) {
    const files =
      args.operands.length > 0 ? args.operands.map((file) => resolve(io.cwd, file)) : [...policyFiles(io.cwd)].sort();
    if (files.length === 0) throw failure('there is no *.policy.yaml here');
    const outcomes = files.map((file) => runPolicyTestFile(file, args, io));
    const surprises = outcomes.flatMap(({ lines }) => lines);
    for (const line of surprises) io.err(line);
    const touched = new Map<string, boolean>();
    for (const { rules } of outcomes)
      for (const [rule, hit] of rules) touched.set(rule, hit || touched.get(rule) === true);
    for (const [rule, hit] of touched) if (!hit) io.out(`note: no test asks about ${rule}`);
    const asked = outcomes.reduce((sum, outcome) => sum + outcome.asked, 0);
    io.out(`${counted(asked, 'question')}, ${counted(surprises.length, 'surprise')}`);
    return surprises.length > 0 ? 1 : 0;
  },
};

function* policyFiles(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.')) yield* policyFiles(path);
    else if (entry.isFile() && entry.name.endsWith('.policy.yaml')) yield path;
  }
}
