import type { FileRow } from '@portcullis/engine';
import { type Failed, failures } from '../ask/ask.ts';
import type { Answer, Call, PubNubDeps } from '../http/call.ts';
import { badForm, fileTooLarge, formExpired, storageFull, uploadDenied } from './file-answers.ts';
import { fileKey } from './file-key.ts';
import { PASS_FIELD } from './form.ts';
import { harmlessType } from './media-types.ts';
import { MultipartError } from './multipart.ts';
import { readUpload, type UploadForm } from './read-upload.ts';
import { reserve } from './room.ts';
import { type Pass, unseal } from './seal.ts';
import { FOR_NOBODY, rememberUpload } from './unannounced.ts';

/** An upload under way holds its promise for so many times as long as a form holds, and one that is not announced is kept so long. */
const HOLD = 10;

/** Files that are being taken in by this process: a form is good for one upload. */
const taking = new Set<string>();

/** Takes in a file with the form that was given out for it. Nobody is identified by the request itself: the form says who. */
export async function upload(call: Call, deps: PubNubDeps): Promise<Answer> {
  const { settings } = call.app;
  // Left undestroyed: the answer goes over the same connection.
  const chunks = arriving(call.content().iterator({ destroyOnReturn: false }));
  const answer = await answerTo(call, deps, chunks);
  // Clients that are still sending read no answer; whoever sends much too much gets none.
  if (answer.status >= 400) await passOver(chunks, settings.fileSize);
  return answer;
}

/** That a client goes away in the middle is nobody's fault here. */
async function* arriving(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* source;
  } catch {
    throw new MultipartError('it broke off');
  }
}

async function answerTo(call: Call, deps: PubNubDeps, chunks: AsyncIterable<Uint8Array>): Promise<Answer> {
  const { maxUrl, bodyEnvelope } = call.app.settings;
  try {
    const form = await readUpload(call.headers.get('content-type') ?? '', chunks, maxUrl + bodyEnvelope);
    return await take(call, deps, form);
  } catch (error) {
    if (error instanceof MultipartError) return badForm(error.message);
    throw error;
  }
}

async function passOver(chunks: AsyncIterable<Uint8Array>, most: number): Promise<void> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.byteLength;
    if (bytes > most) return;
  }
}

async function take(call: Call, deps: PubNubDeps, form: UploadForm): Promise<Answer> {
  const { app } = call.app;
  const now = deps.engine.now();
  const pass = unseal(deps.vault, form.fields.get(PASS_FIELD) ?? '', { app, purpose: 'upload', now });
  if (pass === undefined) return formExpired();
  await deps.engine.admit(app, pass.principal, [pass.channel]);
  const denied = deniedFor(call, deps, pass);
  if (denied) return uploadDenied(denied);
  const key = fileKey(app, pass);
  if (taking.has(key)) return formExpired();
  taking.add(key);
  try {
    const row = await deps.store.file(app, pass.channel, pass.id, pass.name);
    if (row?.state !== 'promised') return formExpired();
    const expiresAt = now + call.app.settings.fileLink * HOLD;
    if ((await deps.store.putFile({ ...row, expiresAt }, 'promised')) === 'conflict') return formExpired();
    return await keep(call, deps, { form, pass, key, row });
  } finally {
    taking.delete(key);
  }
}

interface Taking {
  readonly form: UploadForm;
  readonly pass: Pass;
  readonly key: string;
  readonly row: FileRow;
}

/** Bytes first: what the index says is stored is there. */
async function keep(call: Call, deps: PubNubDeps, { form, pass, key, row }: Taking): Promise<Answer> {
  const { files } = deps.vault;
  const put = await files.put(key, form.file, call.app.settings.fileSize);
  if (!put.ok) return fileTooLarge();
  const room = await reserve(call, deps, { files: 0, bytes: put.size });
  if (!room.ok) {
    await files.delete(key);
    return storageFull();
  }
  try {
    return await note(call, deps, { form, pass, key, row, size: put.size });
  } finally {
    room.release();
  }
}

/** Decided again once the bytes have come, then the index says that they are there. */
async function note(
  call: Call,
  deps: PubNubDeps,
  { form, pass, key, row, size }: Taking & { readonly size: number },
): Promise<Answer> {
  const { files } = deps.vault;
  await deps.engine.admit(row.app, pass.principal, [pass.channel]);
  const denied = deniedFor(call, deps, pass);
  if (denied) {
    await files.delete(key);
    return uploadDenied(denied);
  }
  const type = harmlessType(form.fields.get('Content-Type') ?? row.type);
  const createdAt = deps.engine.now();
  const kept = { ...row, size, type, createdAt, state: 'stored', expiresAt: null } as const;
  const by = { app: row.app, channel: pass.channel, principal: pass.principal };
  const looked = deps.engine.asksAbout(row.app, pass.principal, pass.channel);
  const expiresAt = createdAt + call.app.settings.fileLink * HOLD;
  const stored: FileRow = looked ? { ...kept, audience: FOR_NOBODY, expiresAt } : kept;
  if ((await deps.store.putFile(stored, 'promised')) === 'conflict') {
    await files.delete(key);
    return formExpired();
  }
  if (looked) rememberUpload(deps.vault, by, pass);
  return { status: 204, type: '', body: '' };
}

function deniedFor({ app }: Call, deps: PubNubDeps, { channel, principal }: Pass): Failed | undefined {
  return failures({ app, principal }, deps, [{ operation: 'files.send', name: channel }]);
}
