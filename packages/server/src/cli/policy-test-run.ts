import { didYouMean, explain, type Principal } from '@portcullis/policy';
import type { AppConfig } from '../config/index.ts';
import type { Path } from '../config/source.ts';
import { policyOf } from './explain.ts';
import type { People } from './policy-test-people.ts';
import type { Expectation, PolicyTests } from './policy-test-schema.ts';

export interface Surprise {
  readonly path: Path;
  readonly message: string;
}

export interface Outcome {
  readonly asked: number;
  readonly surprises: readonly Surprise[];
  /** Ids of rules that decided something. */
  readonly rules: ReadonlySet<number>;
}

interface Case {
  readonly who: string;
  readonly principal: Principal;
  readonly channel: string;
  readonly expected: Expectation;
  readonly allowed: boolean;
  readonly path: Path;
}

/** Asks every question of the table. */
export function runPolicyTests({ tests }: PolicyTests, people: People, app: AppConfig, now: number): Outcome {
  const policy = policyOf(app);
  const surprises: Surprise[] = [];
  const rules = new Set<number>();
  const cases = tests.flatMap((test, index) => casesOf(test, index, people, surprises));
  for (const one of cases) {
    const { asked } = one.expected;
    const answer = explain({ ...asked, principal: one.principal, name: one.channel, now }, policy);
    if (answer.by.rule !== undefined) rules.add(answer.by.rule);
    const surprise = compare(one, answer.allowed ? undefined : answer.code, answer.fix);
    if (surprise !== undefined) surprises.push({ path: one.path, message: surprise });
  }
  return { asked: cases.length, surprises, rules };
}

function casesOf(test: PolicyTests['tests'][number], index: number, people: People, surprises: Surprise[]): Case[] {
  return test.who.flatMap((who) => {
    const principal = people.get(who);
    if (principal === undefined) {
      surprises.push({
        path: ['tests', index, 'who'],
        message: `nobody is called "${who}"${didYouMean(who, people.keys())}`,
      });
      return [];
    }
    return test.channel.flatMap((channel) =>
      (['may', 'mayNot'] as const).flatMap((list) =>
        test[list].map((expected, at): Case => {
          return { who, principal, channel, expected, allowed: list === 'may', path: ['tests', index, list, at] };
        }),
      ),
    );
  });
}

function compare(
  { who, channel, expected, allowed }: Case,
  code: string | undefined,
  fix: string | undefined,
): string | undefined {
  const what = `${expected.words} in ${channel}`;
  if (allowed)
    return code === undefined ? undefined : `${who} may not ${what}: ${code}${fix === undefined ? '' : ` (${fix})`}`;
  if (code === undefined) return `${who} may ${what}, and must not`;
  const other = expected.code !== undefined && expected.code !== code;
  return other ? `${who} may not ${what}, but because of ${code} and not ${expected.code}` : undefined;
}
