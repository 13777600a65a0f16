import { resolve } from 'node:path';
import type { FunctionSettings } from '@portcullis/automation/triggers';
import type { LiveApp } from '../apps/live-app.ts';

const MIB = 1_048_576;
/** Messages that one call of a function may publish. */
const PUBLISHES = 10;
/** Variables of the server that functions see begin so. */
const ENV_PREFIX = 'TRIGGER_';

export interface FunctionSurroundings {
  /** Absolute path of the folder that the app's folder is relative to. */
  readonly base: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Where an app's functions are and what they may take. An app made through the API has a folder by its id, and no other. */
export function functionSettings(
  { config, origin }: Pick<LiveApp, 'config' | 'origin'>,
  { base, env }: FunctionSurroundings,
): FunctionSettings {
  const { folder, workers, memory, pending, wait, answer } = config.functions;
  return {
    folder: origin === 'file' ? resolve(base, folder) : resolve(base, 'triggers', config.id),
    workers,
    memory: Math.ceil(memory / MIB),
    pending,
    wait,
    longest: answer,
    publishes: PUBLISHES,
    env: Object.fromEntries(
      Object.entries(env).flatMap(([name, value]) =>
        name.startsWith(ENV_PREFIX) && value !== undefined ? [[name, value]] : [],
      ),
    ),
  };
}
