/** Secrets that stand in our documentation, examples and demo: everybody knows them. */
export const EXAMPLE_SECRETS: ReadonlySet<string> = new Set([
  'sec-demo',
  'demo-hash',
  'demo-admin-token',
  'admin-token',
  'change-me',
  'changeme',
  'secret',
]);

/** One of those, or one that says of itself that it is an example: `demo-…`, `sec-demo-…`. */
export function isExample(secret: string): boolean {
  return EXAMPLE_SECRETS.has(secret) || /^(?:sec-|secret-)?(?:demo|example|change-?me)(?:[-_ ]|$)/i.test(secret);
}
