import type { EngineApi } from '@portcullis/engine';
import type { LiveApp } from '../apps/live-app.ts';
import { demoRule, TEMPLATE_NAMES, targetOf } from './demo.ts';

/**
 * Makes the five rules of the playground in the store, where they can be changed, unless any of them is there: then
 * somebody has been here and knows better.
 */
export async function seedPlayground({ config }: LiveApp, engine: EngineApi): Promise<void> {
  const targets = new Set(TEMPLATE_NAMES.map(targetOf));
  if (engine.rules(config.id).some(({ target }) => targets.has(target))) return;
  await engine.commit(
    config.id,
    TEMPLATE_NAMES.map((template) => ({
      type: 'rule.put',
      rule: { ...demoRule(template, config.history.max), id: engine.nextId(), version: 0, origin: 'store' },
    })),
  );
}
