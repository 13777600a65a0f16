import { type Allowed, type Audience, CODES, everyoneUnder } from '@portcullis/policy';
import { type Ask, decideFor, refused } from '../ask/ask.ts';
import { data } from '../http/answers.ts';
import type { Answer, Call, PubNubDeps } from '../http/call.ts';
import { isJsonObject, parseJson } from '../messaging/json-text.ts';
import { fileProblem } from './file-answers.ts';
import { fileId } from './file-key.ts';
import { typeByName } from './media-types.ts';
import { reserve } from './room.ts';
import { seal } from './seal.ts';

/** The form field with the pass. */
export const PASS_FIELD = 'X-Portcullis-Pass';

/** Where and how to upload a file: an address back here, and a form to fill in. It holds for a short while. */
export async function uploadForm(call: Call, deps: PubNubDeps): Promise<Answer> {
  const { channel = '' } = call.params;
  const ask = { operation: 'files.send', name: channel } as const;
  const denied = refused(call, deps, ask);
  if (denied) return denied;
  const name = readName(await call.body(), call);
  if (typeof name !== 'string') return name;
  // How much will come nobody knows: there has to be room for something.
  const room = await reserve(call, deps, { files: 1, bytes: 1 });
  if (!room.ok) return fileProblem(CODES[room.code].http, CODES[room.code].sentence, room.code);
  try {
    return await promise(call, deps, { ask, name });
  } finally {
    room.release();
  }
}

interface Promising {
  readonly ask: Ask;
  readonly name: string;
}

async function promise(call: Call, deps: PubNubDeps, { ask, name }: Promising): Promise<Answer> {
  const { channel = '' } = call.params;
  const { app, settings, subscribeKey } = call.app;
  const decision = decideFor(call, deps, ask);
  if (!decision.allowed) return refused(call, deps, ask) ?? fileProblem(403, 'Forbidden', decision.code);
  const now = deps.engine.now();
  const until = now + settings.fileLink;
  const file = { channel, id: fileId(deps.vault.random), name };
  const type = typeByName(name);
  const row = {
    app,
    ...file,
    size: 0,
    type,
    createdAt: now,
    state: 'promised',
    audience: audienceOf(decision),
  } as const;
  await deps.store.putFile({ ...row, expiresAt: until }, null);
  const pass = seal(deps.vault, app, 'upload', { ...file, until, principal: call.principal });
  const form = {
    url: `${deps.baseUrl(call)}/v1/files/${encodeURIComponent(subscribeKey)}/upload`,
    method: 'POST',
    expiration_date: secondText(until),
    form_fields: [
      { key: 'key', value: `${file.id}/${name}` },
      { key: 'Content-Type', value: type },
      { key: PASS_FIELD, value: pass },
    ],
  };
  return data({ id: file.id, name }, { file_upload_request: form });
}

/** `2026-11-23T01:44:03Z`. */
export const secondText = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** To whom the file goes: whom a message sent now would go to. */
function audienceOf({ target, rule }: Allowed): Audience {
  return target?.to === 'authenticated' ? target : everyoneUnder(rule);
}

function readName(text: string, { app }: Call): string | Answer {
  const parsed = parseJson(text, app.limits.messageDepth);
  const name = parsed.ok && isJsonObject(parsed.value) ? parsed.value.name : undefined;
  if (typeof name !== 'string' || !isFileName(name)) {
    return fileProblem(400, 'name has to be the name of a file', 'request.malformed');
  }
  if (Buffer.byteLength(name) <= app.settings.fileName) return name;
  return fileProblem(400, `name has more than ${app.settings.fileName} bytes`, 'limit.fileName');
}

/** A single segment of a path on every system, and nothing that could end a header. */
function isFileName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\\\p{Cc}\p{Cs}]/u.test(name);
}
