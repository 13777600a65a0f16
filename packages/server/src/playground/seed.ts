import type { Change, Clock, EngineApi } from '@portcullis/engine';
import type { Rule } from '@portcullis/policy';
import type { LiveApp } from '../apps/live-app.ts';
import type { ServerSettings } from '../config/index.ts';
import { ACTOR, demoRule, isPlayground, TEMPLATE_NAMES, targetOf } from './demo.ts';

export interface Seeding {
  readonly engine: EngineApi;
  readonly clock: Clock;
}

/**
 * Makes the five rules of the playground in the store, where they can be changed, for the apps that it shows; unless any
 * of them is there: then somebody has been here and knows better. The trail says so, in the same commit.
 */
export async function seedPlaygrounds(apps: readonly LiveApp[], server: ServerSettings, to: Seeding): Promise<void> {
  for (const app of apps) if (isPlayground(app, server)) await seed(app, to);
}

async function seed({ config }: LiveApp, { engine, clock }: Seeding): Promise<void> {
  const targets = new Set(TEMPLATE_NAMES.map(targetOf));
  if (engine.rules(config.id).some(({ target }) => targets.has(target))) return;
  const changes = TEMPLATE_NAMES.flatMap((template): Change[] => {
    const id = engine.nextId();
    const rule: Rule = { ...demoRule(template, config.history.max), id, version: 0, origin: 'store' };
    const detail = { rule: id, target: rule.target };
    const entry = { at: clock.now(), app: config.id, actor: ACTOR, action: 'rule.created', detail };
    return [
      { type: 'rule.put', rule },
      { type: 'trail', entry },
    ];
  });
  await engine.commit(config.id, changes);
}
