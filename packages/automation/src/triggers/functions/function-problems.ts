import type { TriggerProblem } from '../compile-steps.ts';
import type { TriggerSpec } from '../spec.ts';
import { bundleFunction } from './bundle.ts';

/** Functions that triggers name and that cannot be called, each with its place: triggers and steps are counted from 1. */
export async function functionProblems(
  triggers: readonly TriggerSpec[],
  folder: string,
): Promise<readonly TriggerProblem[]> {
  const named = triggers.flatMap(({ channel, steps }, trigger) =>
    steps.flatMap((step, at) =>
      step.does === 'function' ? [{ name: step.name, channel, path: [trigger + 1, 'steps', at + 1, 'function'] }] : [],
    ),
  );
  return (
    await Promise.all(
      named.map(async ({ name, channel, path }) => {
        const bundle = await bundleFunction(folder, name);
        return bundle.ok ? [] : [{ path, message: `${bundle.problem} (for ${channel})` }];
      }),
    )
  ).flat();
}
