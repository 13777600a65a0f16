import { functionProblems as problemsIn } from '@portcullis/automation/triggers';
import type { LiveApp } from '../apps/live-app.ts';
import type { Problem } from '../config/index.ts';
import { type FunctionSurroundings, functionSettings } from './function-settings.ts';

/** Functions that the file's triggers of an app name and that cannot be called. */
export async function functionProblems(
  app: Pick<LiveApp, 'config' | 'origin'>,
  surroundings: FunctionSurroundings,
): Promise<readonly Problem[]> {
  const { folder } = functionSettings(app, surroundings);
  const problems = await problemsIn(app.config.triggers, folder);
  return problems.map(({ path, message }) => ({
    path: ['apps', app.config.id, 'triggers', ...path].join('.'),
    message,
  }));
}
