import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { ServerSettings } from '../config/index.ts';
import type { TlsPair } from './listener.ts';

/** The certificate and its key, as they are in their files now. Throws when they cannot be read or do not go together. */
export function readTls({ tls }: ServerSettings): TlsPair | undefined {
  if (tls === undefined) return undefined;
  const pair = { cert: readFileSync(tls.cert, 'utf8'), key: readFileSync(tls.key, 'utf8') };
  createSecureContext(pair);
  return pair;
}
