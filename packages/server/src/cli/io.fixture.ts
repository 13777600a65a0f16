import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../config/source.ts';
import type { Io } from './io.ts';
import { main } from './main.ts';

export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface World {
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Environment;
  readonly stdin?: string;
  readonly fetch?: Io['fetch'];
  readonly untilStopped?: Io['untilStopped'];
}

/** Runs commands in a folder of their own and keeps what they print. */
export function createWorld({ files = {}, env = {}, stdin = '', fetch, untilStopped }: World = {}) {
  const cwd = mkdtempSync(join(tmpdir(), 'portcullis-cli-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  let seed = 0;
  const run = async (argv: readonly string[], input = stdin, hear: (line: string) => void = () => {}): Promise<Run> => {
    const [out, err]: [string[], string[]] = [[], []];
    const io: Io = {
      env,
      cwd,
      out: (line) => void out.push(line),
      err: (line) => {
        err.push(line);
        hear(line);
      },
      stdin: () => Promise.resolve(input),
      now: () => Date.now(),
      random: (bytes) =>
        Uint8Array.from({ length: bytes }, () => {
          seed = (seed * 73 + 41) % 65_521;
          return seed % 256;
        }),
      fetch: fetch ?? (() => Promise.reject(new Error('nothing listens'))),
      untilStopped: untilStopped ?? (() => Promise.resolve()),
    };
    const code = await main(argv, io);
    return { code, out: out.join('\n'), err: err.join('\n') };
  };
  return { cwd, run };
}

export const CONFIG = `
server: { adminToken: an-admin-token-of-more-than-32-characters }
apps:
  - id: demo
    keys: { publish: pub, subscribe: sub, secret: a-secret-key-of-more-than-thirty-two-characters }
    connectionHash: hash
    access: { rules: on, grants: off }
    identity:
      jwt: [{ id: main, alg: HS256, secret: a-shared-secret-of-more-than-thirty-two-bytes }]
    channels:
      - { target: chatroom/*, nested: on, anonymousClients: on, presence: on, publicMessaging: { authenticatedOnly: on }, history: 100 }
      - { target: members, publicMessaging: on, privateMessaging: { authenticatedOnly: true } }
  - id: grants
    keys: { subscribe: sub2, secret: another-secret-of-more-than-thirty-two-characters }
`;
