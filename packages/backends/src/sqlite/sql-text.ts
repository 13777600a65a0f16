/**
 * SQLite's text ends at a NUL and turns surrogates without a partner into one and the same character, so that two names
 * could become one. Such names, chosen by strangers, are kept as JSON, whose escapes are exact; so are those that begin
 * like JSON.
 */
export function toText(name: string): string {
  return UNSAFE.test(name) || name.startsWith('"') ? JSON.stringify(name) : name;
}

export function fromText(text: string): string {
  return text.startsWith('"') ? String(JSON.parse(text)) : text;
}

/** With the `u` flag, the class of surrogates matches only those without a partner. */
const UNSAFE = /[\0\p{Surrogate}]/u;
