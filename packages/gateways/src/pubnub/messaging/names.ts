import type { PollName } from '@portcullis/engine';
import { baseOfPresence, presenceName } from '@portcullis/policy';
import type { FailingNames } from '../http/answers.ts';

/** What a subscriber asks for, in its order, each name once. A name with a star is a wildcard, or no name at all. */
export function pollNames(channels: readonly string[], groups: readonly string[]): readonly PollName[] {
  return [
    ...[...new Set(channels)].map((name): PollName => {
      const base = baseOfPresence(name);
      const plain = base ?? name;
      return { of: plain.endsWith('.*') ? 'wildcard' : 'channel', name: plain, presence: base !== undefined };
    }),
    ...[...new Set(groups)].map((name): PollName => {
      const base = baseOfPresence(name);
      return { of: 'group', name: base ?? name, presence: base !== undefined };
    }),
  ];
}

/** A name as it was spelled in the request: clients drop what carries any other. */
export function spelled({ name, presence }: PollName): string {
  return presence ? presenceName(name) : name;
}

export function failingNames(names: readonly PollName[]): FailingNames {
  const channels = names.filter(({ of }) => of !== 'group').map(spelled);
  const groups = names.filter(({ of }) => of === 'group').map(spelled);
  return { channels, groups };
}

/** The names of a presence call that can hold anyone: clients also send `-pnpres` names and wildcards along. */
export function presentNames(names: readonly string[]): readonly string[] {
  return [...new Set(names)].filter((name) => baseOfPresence(name) === undefined && !name.endsWith('.*'));
}
