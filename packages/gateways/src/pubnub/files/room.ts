import type { Store } from '@portcullis/engine';
import type { Code } from '@portcullis/policy';
import type { Call, PubNubDeps } from '../http/call.ts';

interface Taken {
  readonly files: number;
  readonly bytes: number;
}

/** Room that is reserved for what the index does not count yet, by app. */
const reserved = new WeakMap<Store, Map<string, Taken>>();

export type Reservation =
  | { readonly ok: true; readonly release: () => void }
  | { readonly ok: false; readonly code: Code };

/**
 * Takes room among the files of an app before anything is written, for as long as the index does not count it. What was
 * reserved before counts as written, so that however many come at once never go over; at the very bound one of them may be refused although another gives its room back.
 */
export async function reserve(
  { app: { app, settings } }: Call,
  { store }: PubNubDeps,
  wanted: Taken,
): Promise<Reservation> {
  const before = takenOf(store, app);
  const release = take(store, app, wanted);
  let code: Code | undefined;
  try {
    const { count, bytes } = await store.fileTotals(app);
    const files = count + before.files + wanted.files;
    if (wanted.files > 0 && files > settings.filesPerApp) code = 'limit.filesPerApp';
    else if (bytes + before.bytes + wanted.bytes > settings.filesBytes) code = 'limit.filesBytes';
  } catch (error) {
    release();
    throw error;
  }
  if (code === undefined) return { ok: true, release };
  release();
  return { ok: false, code };
}

function takenOf(store: Store, app: string): Taken {
  return reserved.get(store)?.get(app) ?? { files: 0, bytes: 0 };
}

/** @returns gives it back */
function take(store: Store, app: string, { files, bytes }: Taken): () => void {
  add(store, app, { files, bytes });
  return () => add(store, app, { files: -files, bytes: -bytes });
}

function add(store: Store, app: string, { files, bytes }: Taken): void {
  const apps = reserved.get(store) ?? new Map<string, Taken>();
  reserved.set(store, apps);
  const taken = takenOf(store, app);
  const sum = { files: taken.files + files, bytes: taken.bytes + bytes };
  if (sum.files === 0 && sum.bytes === 0) apps.delete(app);
  else apps.set(app, sum);
}
