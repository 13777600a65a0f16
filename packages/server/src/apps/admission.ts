import type { StoredApp, StoreState } from '@portcullis/engine';
import type { JsonObject } from '@portcullis/policy';
import {
  type AppConfig,
  type Problem,
  parseAppSettings,
  type ServerConfig,
  type ServerSettings,
} from '../config/index.ts';
import { HttpProblem } from '../http/problem.ts';
import type { TriggerBook } from '../triggers/trigger-book.ts';
import type { Identities } from './identities.ts';
import type { LiveApp } from './live-app.ts';
import { findClashes } from './unique.ts';

export interface Together {
  readonly config: ServerConfig;
  readonly state: StoreState;
  readonly identities: Identities;
  readonly triggers: TriggerBook;
}

/** What forbids serving these apps together: those of the file `config`, and those that the store holds. */
export async function forbidding(
  apps: readonly LiveApp[],
  { config, state, identities, triggers }: Together,
): Promise<readonly Problem[]> {
  const problems = [
    ...findClashes(apps.map((app) => app.config)),
    ...apps.flatMap((app) => identities.check(app.config)),
    ...ruleClashes(config, state),
  ];
  if (problems.length > 0) return problems;
  return (await Promise.all(apps.map((app) => triggers.check(app)))).flat();
}

export interface Beside {
  readonly server: ServerSettings;
  readonly identities: Identities;
  readonly others: readonly AppConfig[];
}

/** The app that these settings describe, if it can be served beside the others. Throws the problem if not. */
export function admit(settings: JsonObject, { server, identities, others }: Beside): AppConfig {
  const parsed = parseAppSettings(settings, server);
  if (!parsed.ok) {
    throw new HttpProblem('app.invalid', { errors: parsed.problems.map(({ path, message }) => ({ path, message })) });
  }
  const unfit = identities.check(parsed.value);
  if (unfit.length > 0) throw new HttpProblem('app.invalid', { errors: unfit });
  const clashes = findClashes([...others, parsed.value]);
  if (clashes.length > 0) throw new HttpProblem('app.conflict', { errors: clashes });
  return parsed.value;
}

/** Something is kept under the id: of an app that was in the file, or of one that could not be read. */
export function isInUse({ settings, rules, revocations, bans, groups, triggers }: StoredApp): boolean {
  return settings !== null || rules.length + revocations.length + bans.length + groups.length + triggers.length > 0;
}

/** Rules of the file whose target and nesting an enabled rule of the store has already. */
function ruleClashes(config: ServerConfig, state: StoreState): readonly Problem[] {
  return config.apps.flatMap(({ id, channels }) => {
    const made = state.apps.find(({ app }) => app === id)?.rules.filter(({ enabled }) => enabled) ?? [];
    return channels.flatMap((rule, index) => {
      const other = made.find(({ target, nested }) => target === rule.target && nested === rule.nested);
      if (!rule.enabled || !other) return [];
      return [
        { path: `apps.${id}.channels.${index}.target`, message: `is the target of rule ${other.id}, made in the API` },
      ];
    });
  });
}
