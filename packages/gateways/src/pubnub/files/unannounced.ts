import type { FileRow } from '@portcullis/engine';
import { type Audience, type Principal, shownUser } from '@portcullis/policy';
import type { PubNubDeps } from '../http/call.ts';
import type { FileName } from './file-key.ts';
import type { FileVault } from './vault.ts';

/**
 * Where a trigger looks at messages, an upload is for nobody until its message has gone out: then it is for whom the trigger
 * left. One whose message never goes out is cleared away.
 */
export const FOR_NOBODY: Audience = { to: 'user', user: '' };

export const isUnannounced = ({ audience }: FileRow): boolean => audience.to === 'user' && audience.user === '';

/** Uploads of so many are remembered, and so many of each; the oldest are forgotten first. */
const MOST_UPLOADERS = 10_000;
const MOST_OF_EACH = 20;

/** Uploads that are for nobody yet, by who made them: a message that its clients encrypt does not say of which file it speaks. */
const byUploader = new WeakMap<FileVault, Map<string, readonly FileName[]>>();

/** Who uploads what where. */
export interface Uploader {
  readonly app: string;
  readonly channel: string;
  readonly principal: Principal;
}

export function rememberUpload(vault: FileVault, by: Uploader, { channel, id, name }: FileName): void {
  const file = { channel, id, name };
  const known = uploads(vault);
  const key = keyOf(by);
  known.set(key, [...(known.get(key) ?? []), file].slice(-MOST_OF_EACH));
  if (known.size <= MOST_UPLOADERS) return;
  for (const oldest of known.keys()) {
    known.delete(oldest);
    return;
  }
}

/** What an encrypted message may speak of: what its sender uploaded there of late and has not announced. */
export async function unannouncedOf({ vault, store }: PubNubDeps, by: Uploader): Promise<readonly FileRow[]> {
  const files = uploads(vault).get(keyOf(by)) ?? [];
  const rows = await Promise.all(files.map(({ id, name }) => store.file(by.app, by.channel, id, name)));
  return rows.flatMap((row) => (row !== null && isUnannounced(row) ? [row] : []));
}

/** From here on the files are for those to whom their message goes. */
export async function announceUploads(
  { vault, store }: PubNubDeps,
  by: Uploader,
  rows: readonly FileRow[],
  audience: Audience,
): Promise<void> {
  for (const row of rows) await store.putFile({ ...row, audience, expiresAt: null }, 'stored');
  forgetUploads(vault, by, rows);
}

/** The message did not go out after all. */
export async function withholdUploads(
  { vault, store }: PubNubDeps,
  by: Uploader,
  rows: readonly FileRow[],
): Promise<void> {
  for (const row of rows) {
    await store.putFile(row, 'stored');
    rememberUpload(vault, by, row);
  }
}

function forgetUploads(vault: FileVault, by: Uploader, gone: readonly FileName[]): void {
  const known = uploads(vault);
  const key = keyOf(by);
  const left = (known.get(key) ?? []).filter(({ id }) => !gone.some((file) => file.id === id));
  if (left.length > 0) known.set(key, left);
  else known.delete(key);
}

function uploads(vault: FileVault): Map<string, readonly FileName[]> {
  const known = byUploader.get(vault) ?? new Map<string, readonly FileName[]>();
  byUploader.set(vault, known);
  return known;
}

const keyOf = ({ app, channel, principal }: Uploader): string =>
  JSON.stringify([app, channel, principal.kind, shownUser(principal) ?? '']);
