import type { Code } from '../codes.ts';
import type { DecidedBy, Denied } from '../decision.ts';
import type { Rule } from '../rule.ts';

export const deny = (gate: DecidedBy['gate'], code: Code): Denied => ({ allowed: false, code, by: { gate } });

export const denyByRule = (rule: Rule, code: Code): Denied => ({
  allowed: false,
  code,
  by: { gate: 'channel', rule: rule.id },
});
