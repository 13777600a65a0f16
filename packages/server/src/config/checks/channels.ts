import { validateTarget } from '@portcullis/policy';
import type { SettingsInput } from '../resolve.ts';
import type { Path } from '../source.ts';
import { error, type Finding, warning } from './check.ts';

/** Rules of one app: legal targets, no two for the same channels, history within the app's limit. */
export function checkChannels(app: SettingsInput, at: Path): Finding[] {
  const seen = new Map<string, number>();
  return (app.channels ?? []).flatMap((rule, index) => {
    const path = [...at, 'channels', index];
    const findings = checkHistory(rule.history, app.history.max, [...path, 'history']);
    const target = validateTarget(rule.target, rule.nested);
    if (!target.ok) findings.push(error([...path, 'target'], target.reason));
    const name = JSON.stringify([rule.target, rule.nested]);
    const other = seen.get(name);
    if (rule.enabled && other !== undefined) {
      findings.push(error([...path, 'target'], `has the same target as rule ${other + 1}; only one of them can apply`));
    } else if (rule.enabled) seen.set(name, index);
    return findings;
  });
}

export function checkHistoryDefault({ history }: SettingsInput, at: Path): Finding[] {
  return history.default === undefined ? [] : checkHistory(history.default, history.max, [...at, 'history', 'default']);
}

export function checkHistory(history: number, max: number, path: Path): Finding[] {
  return history > max ? [error(path, `is ${history}, over the app's history.max of ${max}`)] : [];
}

/** Rules that nothing asks: worth saying, for the operator believes them in force. */
export function checkGateInUse(app: SettingsInput, at: Path): Finding[] {
  const off = app.access === 'open' || app.access.rules === false;
  const idle = off && (app.channels ?? []).length > 0;
  return idle ? [warning([...at, 'channels'], 'has rules, but the channel gate is off (access.rules)')] : [];
}
