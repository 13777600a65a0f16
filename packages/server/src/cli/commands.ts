import { check } from './check.ts';
import type { Command } from './command.ts';
import { explain } from './explain.ts';
import { grant } from './grant.ts';
import { importXano } from './import-xano.ts';
import { init } from './init.ts';
import { parse } from './parse.ts';
import { publish } from './publish.ts';
import { revoke } from './revoke.ts';
import { serve } from './serve.ts';
import { test } from './test.ts';
import { token } from './token.ts';

/** Every verb, in the order in which help lists them. */
export const COMMANDS: ReadonlyMap<string, Command> = new Map(
  [serve, init, check, grant, token, parse, revoke, publish, explain, importXano, test].map((command) => [
    command.name,
    command,
  ]),
);
