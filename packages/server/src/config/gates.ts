export interface GatesInput {
  readonly rules?: boolean;
  readonly grants?: boolean;
}
interface Kinds {
  readonly keys: { readonly secret?: string };
  readonly connectionHash?: string;
}

/**
 * Which gates are shut when not all is said: rules for an app with a hash (or with nothing), grants for one with a
 * secret key. To shut neither takes `access: open`. `undefined`: the app is of both kinds and must say.
 */
export function resolveGates(access: GatesInput, { keys, connectionHash }: Kinds) {
  const hasSecret = keys.secret !== undefined;
  const both = hasSecret && connectionHash !== undefined;
  const { rules = access.grants === false ? true : undefined, grants = access.rules === false ? true : undefined } =
    access;
  if (both && (rules === undefined || grants === undefined)) return undefined;
  return { rules: rules ?? !(hasSecret && connectionHash === undefined), grants: grants ?? hasSecret };
}
