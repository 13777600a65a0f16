/** A promise was broken. */
export function broken(promise: string, about: unknown): never {
  const text = JSON.stringify(about, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));
  throw new Error(`${promise}: ${text}`);
}
