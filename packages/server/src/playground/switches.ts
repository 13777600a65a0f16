import type { Rule } from '@portcullis/policy';
import * as v from 'valibot';

const flag = v.exactOptional(v.boolean());

/** Which switches of a rule are to be turned, and how. A sub-switch keeps its own value while its parent is off. */
export const switchChanges = v.strictObject({
  enabled: flag,
  anonymousClients: flag,
  presence: flag,
  publicMessaging: flag,
  'publicMessaging.authenticatedOnly': flag,
  authenticatedMessaging: flag,
  privateMessaging: flag,
  'privateMessaging.authenticatedOnly': flag,
});

export function withSwitches(rule: Rule, changes: v.InferOutput<typeof switchChanges>): Rule {
  const { publicMessaging, privateMessaging, ...plain } = changes;
  const {
    'publicMessaging.authenticatedOnly': publicOnly,
    'privateMessaging.authenticatedOnly': privateOnly,
    ...own
  } = plain;
  return {
    ...rule,
    ...own,
    publicMessaging: {
      enabled: publicMessaging ?? rule.publicMessaging.enabled,
      authenticatedOnly: publicOnly ?? rule.publicMessaging.authenticatedOnly,
    },
    privateMessaging: {
      enabled: privateMessaging ?? rule.privateMessaging.enabled,
      authenticatedOnly: privateOnly ?? rule.privateMessaging.authenticatedOnly,
    },
  };
}
