/** Secrets that stand in our documentation, examples and demo: everybody knows them. */
export const EXAMPLE_SECRETS: ReadonlySet<string> = new Set([
  'sec-demo',
  'demo-hash',
  'demo-admin-token',
  'admin-token',
  'demo-jwt-secret-of-at-least-32-bytes',
  'demo-jwt-secret-for-local-use-only!!',
  'change-me',
  'changeme',
  'secret',
]);

/** What the demo's own names are made of: a key that says it is one is not random. */
export function isExample(secret: string): boolean {
  return EXAMPLE_SECRETS.has(secret) || /^(?:demo|example|change-?me)(?:[-_ ]|$)/i.test(secret);
}
