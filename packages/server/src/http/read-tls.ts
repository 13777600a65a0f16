import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Problem, ServerSettings } from '../config/index.ts';
import type { TlsPair } from './listener.ts';

export type TlsRead =
  | { readonly ok: true; readonly pair: TlsPair | undefined }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** The certificate and its key, as they are in their files now; or why they cannot be read or do not go together. */
export function readTls({ tls }: Pick<ServerSettings, 'tls'>): TlsRead {
  if (tls === undefined) return { ok: true, pair: undefined };
  const problems: Problem[] = [];
  const read = (name: 'cert' | 'key'): string => {
    try {
      return readFileSync(tls[name], 'utf8');
    } catch (fault) {
      const { code } = fault as NodeJS.ErrnoException;
      const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
      problems.push({ path: `server.tls.${name}`, message: `${tls[name]} ${why}` });
      return '';
    }
  };
  const pair = { cert: read('cert'), key: read('key') };
  if (problems.length > 0) return { ok: false, problems };
  try {
    createSecureContext(pair);
    return { ok: true, pair };
  } catch (fault) {
    const reason = fault instanceof Error ? fault.message : String(fault);
    return { ok: false, problems: [{ path: 'server.tls', message: `cannot be used: ${reason}` }] };
  }
}
