import type { GrantProblem } from '@portcullis/policy';

/** What is wrong with a grant that is asked for, as the vendor words it. */
export interface GrantComplaint {
  readonly message: string;
  readonly detail: string;
  /** The field of the body. */
  readonly location: string;
}

const NOTHING_GRANTED = 'This grant contains no permissions';

/** Where the vendor's engine and ours name one mistake differently: its clients know the vendor's words. */
const SYNTAX: readonly (readonly [ours: RegExp, theirs: string])[] = [
  [/^Syntax error: invalid nested repetition operator/, 'Syntax error: multiple repeat.'],
  [/^Syntax error: missing argument to repetition operator/, 'Syntax error: nothing to repeat.'],
];

export function complaintOf({ at, pattern, message }: GrantProblem): GrantComplaint {
  const field = FIELDS.find(([name]) => at === name || at.startsWith(`${name}.`));
  if (at === 'permissions') {
    const nothing = message.startsWith(NOTHING_GRANTED);
    return nothing
      ? { message: NOTHING_GRANTED, detail: 'What are you granting?', location: at }
      : { message: 'Grant too large', detail: message, location: at };
  }
  const location = `${field?.[1] ?? at}${at.slice(field?.[0].length ?? at.length)}${pattern === undefined ? '' : `.${pattern}`}`;
  const known = SYNTAX.find(([ours]) => ours.test(message));
  return { message: wordOf(at, message, field?.[2]), detail: known?.[1] ?? message, location };
}

/** Field of the grant, where it stands in the body, what is said of it. */
const FIELDS: readonly (readonly [at: string, location: string, message: string])[] = [
  ['ttl', 'ttl', 'Invalid ttl'],
  ['authorizedUser', 'permissions.uuid', 'Invalid uuid'],
  ['meta', 'permissions.meta', 'Invalid meta'],
  ['resources', 'permissions.resources', 'Invalid permissions'],
  ['patterns', 'permissions.patterns', 'Invalid RegExp'],
];

function wordOf(at: string, message: string, said = 'Invalid permissions'): string {
  const aboutMask = /must be positive and non-zero\.$|^On \w+ there are only the permissions/.test(message);
  return at.startsWith('patterns') && aboutMask ? 'Invalid permissions' : said;
}
