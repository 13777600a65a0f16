import { triggerProblems } from '@portcullis/automation/triggers';
import { didYouMean, validateTarget } from '@portcullis/policy';
import type { SettingsInput } from '../resolve.ts';
import { doesOf, resolveTrigger, STEP_WORDS, type StepInput, type TriggerInput } from '../resolve-trigger.ts';
import type { Path } from '../source.ts';
import { error, type Finding, type Surroundings, warning } from './check.ts';
import { checkWebhook } from './webhook.ts';

/** Triggers of one app: what they say has to be readable, and what they belong to should be there. */
export function checkTriggers(app: SettingsInput, at: Path, server: Surroundings): Finding[] {
  const targets = (app.channels ?? []).map(({ target }) => target);
  const byRule = app.access !== 'open' && app.access.rules !== false;
  return (app.triggers ?? []).flatMap((trigger, index) => {
    const path = [...at, 'triggers', index];
    const findings = checkTrigger(trigger, path, server);
    if (byRule && targets.length > 0 && !targets.includes(trigger.channel)) {
      const near = didYouMean(trigger.channel, targets);
      findings.push(warning([...path, 'channel'], `is no rule’s target${near}; it runs where such a rule is made`));
    }
    return findings;
  });
}

export function checkTrigger(trigger: TriggerInput, path: Path, server: Surroundings): Finding[] {
  const target = validateTarget(trigger.channel, true);
  const findings = [
    ...(target.ok ? [] : [error([...path, 'channel'], target.reason)]),
    ...(trigger.steps.length === 0 ? [error([...path, 'steps'], 'is empty: it says what is done')] : []),
    ...trigger.steps.flatMap((step, index) => checkStep(step, [...path, 'steps', index], server)),
  ];
  if (findings.length > 0) return findings;
  return triggerProblems(resolveTrigger(trigger)).map((problem) => error([...path, ...problem.path], problem.message));
}

function checkStep(step: StepInput, path: Path, server: Surroundings): Finding[] {
  const does = doesOf(step);
  if (does.length !== 1) {
    const said = does.length === 0 ? 'says nothing that is done' : `says ${does.join(' and ')}`;
    return [error(path, `${said}; expected one of ${STEP_WORDS.join(', ')}`)];
  }
  return [...(step.http ? checkWebhook(step.http, [...path, 'http'], server) : []), ...checkKeys(step, path)];
}

/** Keys that mean nothing for what the step does, or are there twice. */
function checkKeys(step: StepInput, path: Path): Finding[] {
  const twice = (['timeout', 'onError', 'returns'] as const).filter(
    (name) => step[name] !== undefined && step.http?.[name] !== undefined,
  );
  const answers = step.http !== undefined || step.function !== undefined;
  const idle = (['timeout', 'returns'] as const).filter((name) => step[name] !== undefined && !answers);
  return [
    ...twice.map((name) => error([...path, name], 'is said in `http` already')),
    ...idle.map((name) => error([...path, name], 'is for `http` and `function` only')),
  ];
}
