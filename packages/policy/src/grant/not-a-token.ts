/** Why bytes are no token. */
export class NotAToken extends Error {}
