import type { Json, JsonObject } from '@portcullis/policy';
import { type ProofRefused, refused } from './identified.ts';
import type { IdentityLimits } from './key-config.ts';
import { isJsonObject } from './token-form.ts';

/** A token's extras, which every subscriber may get to see, within their bounds. None are `{}`. */
export function measureExtras(
  extras: unknown,
  limits: Pick<IdentityLimits, 'extras' | 'messageDepth'>,
): { readonly ok: true; readonly value: JsonObject } | ProofRefused {
  if (extras === undefined) return { ok: true, value: {} };
  if (!isJsonTree(extras)) return refused('identity.malformed', '"extras" has to be an object');
  if (isDeeperThan(limits.messageDepth, extras)) {
    return refused('limit.extras', `the extras are nested deeper than limits.messageDepth (${limits.messageDepth})`);
  }
  if (Buffer.byteLength(JSON.stringify(extras)) > limits.extras) {
    return refused('limit.extras', `the extras are larger than limits.extras (${limits.extras} bytes)`);
  }
  return { ok: true, value: extras };
}

/** What `JSON.parse` made is JSON all the way down. */
function isJsonTree(value: unknown): value is JsonObject {
  return isJsonObject(value);
}

function isDeeperThan(levels: number, value: Json): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner: Json) => isDeeperThan(levels - 1, inner));
}
