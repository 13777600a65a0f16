import { actionsList } from './actions-list.ts';
import { actionsTry } from './actions-try.ts';
import { check } from './check.ts';
import type { Command } from './command.ts';
import { deadLetters, replay } from './dead-letters.ts';
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
import { triggersList, triggersRuns, triggersTry } from './triggers.ts';

/** Every verb, in the order in which help lists them. */
export const COMMANDS: ReadonlyMap<string, Command> = new Map(
  [
    ...[serve, init, check, grant, token, parse, revoke, publish, explain, importXano, test],
    ...[actionsList, deadLetters, replay, actionsTry, triggersList, triggersRuns, triggersTry],
  ].map((command) => [command.name, command]),
);
