// Every decision is yes, and made beforehand: what is left when checks are compiled out.
const by = { gate: 'none' };
const YES = { allowed: true, by };

export function decide({ target }) {
  return target === undefined ? YES : { allowed: true, by, target };
}

export function explain(request) {
  return { ...decide(request), steps: [] };
}
