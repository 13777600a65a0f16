import { BIT, type Grant, type GrantSection, type Permission } from '../grant/grant.ts';

/** The reference model's own reading of grants: resources by name, otherwise all matching patterns, each tried anew. */

export type Coverage = 'has it' | 'lacks it' | 'not covered';

export function coverage(
  grant: Grant,
  section: GrantSection,
  name: string,
  permission: Permission,
  mode: 'full' | 'search',
): Coverage {
  const spellings = section === 'groups' ? [name, otherSpelling(name)] : [name];
  for (const spelling of spellings) {
    for (const [listed, mask] of grant.resources[section]) {
      if (listed === spelling) return (mask & BIT[permission]) === BIT[permission] ? 'has it' : 'lacks it';
    }
  }
  let covered = false;
  for (const spelling of spellings) {
    for (const [pattern, mask] of grant.patterns[section]) {
      if (!patternMatches(pattern, spelling, mode)) continue;
      covered = true;
      if ((mask & BIT[permission]) === BIT[permission]) return 'has it';
    }
  }
  return covered ? 'lacks it' : 'not covered';
}

/** Groups are written with and without a colon before them. */
const otherSpelling = (group: string): string => (group.startsWith(':') ? group.slice(1) : `:${group}`);

/** The patterns of the tests mean the same to RE2 and to JavaScript. */
export function patternMatches(pattern: string, name: string, mode: 'full' | 'search'): boolean {
  return new RegExp(mode === 'full' ? `^(?:${pattern})$` : pattern, 'u').test(name);
}

/** Whether the grant covers a wildcard name on purpose: listed, or by a pattern with an escaped star. */
export function coversWildcardOnPurpose(
  grant: Grant,
  wildcard: string,
  permission: Permission,
  mode: 'full' | 'search',
): boolean {
  const listed = grant.resources.channels.get(wildcard);
  if (listed !== undefined) return (listed & BIT[permission]) !== 0;
  for (const [pattern, mask] of grant.patterns.channels) {
    if ((mask & BIT[permission]) === 0) continue;
    if (pattern.replaceAll('\\\\', '').includes('\\*') && patternMatches(pattern, wildcard, mode)) return true;
  }
  return false;
}
