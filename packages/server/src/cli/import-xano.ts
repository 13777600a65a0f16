import { stringify } from 'yaml';
import { readInput } from './at-hand.ts';
import { type Command, failure, usage } from './command.ts';
import { counted } from './counted.ts';
import { readXanoExport, type XanoExport } from './xano-export.ts';
import { toRules } from './xano-rules.ts';
import { XanoScriptError } from './xanoscript.ts';

export const importXano: Command = {
  name: 'import xano',
  summary: 'Print the rules of a Xano workspace as `channels:` of an app, with notes on what has no counterpart.',
  operands: 'FILE…',
  options: {},
  example: 'portcullis import xano realtime.json',
  notes: [
    'FILE is what the metadata API answers to GET /workspace/{id}/realtime, or XanoScript (realtime/channel/*.xs); - is standard input.',
    'Nothing is changed: paste the result below the app in portcullis.yaml.',
  ],
  async run(args, io) {
    if (args.operands.length === 0) throw usage('FILE is required');
    const exports: XanoExport[] = [];
    for (const file of args.operands) exports.push(read(await readInput(file, io), file));
    const { channels, notes } = toRules(exports);
    if (notes.length > 0) io.out(`${notes.map((note) => `# ${note.replaceAll(/\s+/g, ' ')}`).join('\n')}\n`);
    io.out(stringify({ channels }, { lineWidth: 0 }).trimEnd());
    io.err(`${counted(channels.length, 'rule')}, ${counted(notes.length, 'note')}`);
    return 0;
  },
};

function read(text: string, file: string): XanoExport {
  try {
    const found = readXanoExport(text);
    if (found === undefined) throw failure(`${file} is neither the metadata API's JSON nor XanoScript`);
    return found;
  } catch (fault) {
    if (fault instanceof XanoScriptError) throw failure(`${file}: ${fault.message}`);
    throw fault;
  }
}
