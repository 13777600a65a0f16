import { readdirSync, readFileSync } from 'node:fs';
import { CODES, isCode } from '@portcullis/policy';
import { CLOSE } from '@portcullis/protocol';
import { describe, expect, it } from 'vitest';
import { closeCodeFor } from './close-codes.ts';
import { READERS } from './read-command.ts';
import { replay } from './transcripts.fixture.ts';

const root = new URL('../../../../', import.meta.url);
const page = readFileSync(new URL('docs/protocol.md', root), 'utf8');
const sources = new URL('packages/protocol/src/', root);

/** Interfaces of the protocol by name, each with its fields as the page writes them: `name`, or `name?`. */
const interfaces = new Map<string, { type: string | undefined; fields: string[] }>();
/** Members of the unions of messages. */
const unions = new Map<string, string[]>();
readProtocol();

describe('the page names what the code has, and nothing else', () => {
  it.each([
    ['What a client says', 'ClientMessage'],
    ['What the server says', 'ServerMessage'],
  ])('%s', (heading, union) => {
    const inCode = (unions.get(union) ?? []).map((name) => {
      const message = interfaces.get(name);
      return [message?.type, message?.fields];
    });
    expect(messagesUnder(heading)).toEqual(new Map(inCode as [string, string[]][]));
  });

  it.each([
    ['item', 'Item'],
    ['sender', 'Sender'],
    ['member', 'Member'],
  ])('the fields of one %s', (word, name) => {
    expect(tableOf(word)).toEqual(interfaces.get(name)?.fields);
  });

  it('the door reads every type of a client', () => {
    const types = (unions.get('ClientMessage') ?? []).map((name) => interfaces.get(name)?.type);
    expect([...READERS.keys()].sort()).toEqual(types.sort());
  });
});

describe('codes', () => {
  const rows = [...page.matchAll(/^\| (\d{4}) \| (?:`(\w+)`)? *\| (.*) \|$/gm)];

  it('every close code is on the page under its name', () => {
    const named = rows.flatMap(([, code, name]) => (name === undefined ? [] : [[name, Number(code)]]));
    expect(Object.fromEntries(named)).toEqual(CLOSE);
  });

  it.each(rows.map(([, closeCode, , codes = '']) => [closeCode, codes]))(
    '%s is what these end with',
    (closeCode, codes) => {
      const named = [...codes.matchAll(/`([a-z]+\.[\w-]+)`/gi)].map(([, code = '']) => code);
      expect(named.length).toBeGreaterThan(0);
      for (const code of named) expect([code, isCode(code) && closeCodeFor(code)]).toEqual([code, Number(closeCode)]);
    },
  );

  it('every limit on the page is one', () => {
    const limits = [...page.matchAll(/`(limit\.\w+)`/g)].map(([, code = '']) => code);
    expect(limits.filter((code) => !isCode(code))).toEqual([]);
    for (const own of ['limit.frame', 'limit.commandsPerFrame', 'limit.meta', 'limit.channelsPerStream'] as const) {
      expect(limits, CODES[own].meaning).toContain(own);
    }
  });

  it('the defaults of the limits are those of the configuration', () => {
    const configuration = readFileSync(new URL('docs/configuration.md', root), 'utf8');
    const rows = [...page.matchAll(/^\| `(limits|pubnub)\.(\w+)` \| (\w+) \|/gm)];
    expect(rows.length).toBeGreaterThan(8);
    for (const [, section, name, value] of rows) {
      const row = new RegExp(`^\\| \`${name}\` \\|.*\\| \`${value}\` \\|`, 'm').exec(configuration);
      expect(row, `${section}.${name}: ${value}`).not.toBeNull();
    }
  });
});

describe('the transcripts happen byte for byte', () => {
  const transcripts = [...page.matchAll(/### ([^\n]+)\n\n```transcript\n([\s\S]*?)```/g)];

  it('there are some', () => {
    expect(transcripts.length).toBeGreaterThanOrEqual(4);
  });

  it.each(transcripts.map(([, title, text = '']) => [title, text]))('%s', async (_, transcript) => {
    expect(await replay(transcript)).toBe(transcript);
  });
});

/** By type, the fields of the table under each heading of a part of the page. */
function messagesUnder(heading: string): Map<string, string[]> {
  const part = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const messages = new Map<string, string[]>();
  for (const section of part.split('\n### ').slice(1)) {
    const type = /^[\w-]+/.exec(section)?.[0] ?? '';
    messages.set(type, fieldsIn(section, 'field'));
  }
  return messages;
}

function tableOf(word: string): string[] {
  return fieldsIn(page, word);
}

function fieldsIn(text: string, head: string): string[] {
  const table = new RegExp(`^\\| ${head} \\|[^\\n]*\\n\\|[-|]+\\|\\n((?:\\|[^\\n]*\\n)*)`, 'm').exec(text)?.[1] ?? '';
  return [...table.matchAll(/^\| `(\w+\??)` \|/gm)].map(([, field = '']) => field);
}

function readProtocol(): void {
  const text = readdirSync(sources)
    .map((name) => readFileSync(new URL(name, sources), 'utf8').replace(/\/\*\*[\s\S]*?\*\//g, ''))
    .join('\n');
  for (const [, name = '', base, body = ''] of text.matchAll(
    /interface (\w+)(?: extends (\w+))? \{\n([\s\S]*?)\n?\}/g,
  )) {
    const [first, ...rest] = [...body.matchAll(/^ {2}readonly (\w+\??): /gm)].map(([, field = '']) => field);
    const type = /^ {2}readonly type: '([\w-]+)';/m.exec(body)?.[1];
    // The only bases hold the `id`.
    const inherited = base === undefined ? [] : ['id'];
    interfaces.set(name, { type, fields: first === undefined ? [] : [first, ...inherited, ...rest] });
  }
  for (const [, name = '', members = ''] of text.matchAll(/type (\w+Message) =([^;]*);/g)) {
    unions.set(
      name,
      members
        .split('|')
        .map((member) => member.trim())
        .filter((member) => member !== ''),
    );
  }
}
