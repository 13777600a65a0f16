/**
 * A cursor is how many rows come before it, and nothing else: it tells nothing about them, whoever reads or makes it.
 */
export const cursorAt = (offset: number): string => Buffer.from(String(offset)).toString('base64url');

export function readCursor(text: string): number | undefined {
  if (!/^[A-Za-z0-9_-]{1,12}={0,2}$/.test(text)) return undefined;
  const plain = Buffer.from(text, 'base64url').toString('latin1');
  return /^(?:0|[1-9]\d{0,8})$/.test(plain) ? Number(plain) : undefined;
}
