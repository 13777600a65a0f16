import type { FileRow } from '@portcullis/engine';
import { type Asker, refused } from '../ask/ask.ts';
import type { Answer, PubNubDeps } from '../http/call.ts';
import { seer } from '../storage/read-channels.ts';
import { noSuchFile } from './file-answers.ts';
import type { FileName } from './file-key.ts';

export type SeenFile = { readonly ok: true; readonly row: FileRow } | { readonly ok: false; readonly answer: Answer };

/** A stored file that the asker may download, decided when it is found. What it may not see is not there. */
export async function seenFile(asker: Asker, deps: PubNubDeps, file: FileName): Promise<SeenFile> {
  const ask = { operation: 'files.download', name: file.channel } as const;
  await deps.engine.admit(asker.app.app, asker.principal, [file.channel]);
  const denied = refused(asker, deps, ask);
  if (denied) return { ok: false, answer: denied };
  const row = await deps.store.file(asker.app.app, file.channel, file.id, file.name);
  const deniedNow = refused(asker, deps, ask);
  if (deniedNow) return { ok: false, answer: deniedNow };
  if (row === null || !isThere(row, deps.engine.now()) || !seer(asker, deps)(row)) {
    return { ok: false, answer: noSuchFile() };
  }
  return { ok: true, row };
}

export const isThere = ({ state, expiresAt }: FileRow, now: number): boolean =>
  state === 'stored' && (expiresAt === null || now < expiresAt);
