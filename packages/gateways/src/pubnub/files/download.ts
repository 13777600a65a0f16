import type { FileRow } from '@portcullis/engine';
import type { Answer, Call, PubNubDeps } from '../http/call.ts';
import { fileProblem, noSuchFile } from './file-answers.ts';
import { fileKey } from './file-key.ts';
import { harmlessType } from './media-types.ts';
import { seal, unseal } from './seal.ts';
import { seenFile } from './seen-file.ts';

/** Of what a request line may have, so much is left to a link. */
const LINK_SHARE = 0.5;

const NEVER_KEPT = { 'Cache-Control': 'private, no-store' };

/** Leads to the file by a link that holds for a short while. Where the link would be too long, the file comes at once. */
export async function download(call: Call, deps: PubNubDeps): Promise<Answer> {
  const { channel = '', id = '', name = '' } = call.params;
  const seen = await seenFile(call, deps, { channel, id, name });
  if (!seen.ok) return seen.answer;
  const { app, settings, subscribeKey } = call.app;
  const until = deps.engine.now() + settings.fileLink;
  const link = seal(deps.vault, app, 'download', { channel, id, name, until, principal: call.principal });
  if (link.length > settings.maxUrl * LINK_SHARE) return bytesOf(call, deps, seen.row);
  const location = `${deps.baseUrl(call)}/v1/files/${encodeURIComponent(subscribeKey)}/link/${link}`;
  return { status: 307, type: 'json', body: '{"status":307}', headers: { ...NEVER_KEPT, Location: location } };
}

/** Nobody is identified by the request itself: the link says who, and it is decided again. */
export async function followLink(call: Call, deps: PubNubDeps): Promise<Answer> {
  const { app } = call.app;
  const now = deps.engine.now();
  const pass = unseal(deps.vault, call.params.link ?? '', { app, purpose: 'download', now });
  if (pass === undefined) return fileProblem(403, 'The link has expired.', 'request.malformed');
  const seen = await seenFile({ app: call.app, principal: pass.principal }, deps, pass);
  return seen.ok ? bytesOf(call, deps, seen.row) : seen.answer;
}

/** An attachment of a type that no browser runs, in a sandbox all the same. */
async function bytesOf({ app }: Call, { vault }: PubNubDeps, row: FileRow): Promise<Answer> {
  const stream = await vault.files.get(fileKey(app.app, row));
  if (stream === null) return noSuchFile();
  const name = encodeURIComponent(row.name).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
  return {
    status: 200,
    type: harmlessType(row.type),
    body: '',
    stream,
    headers: {
      ...NEVER_KEPT,
      'Content-Disposition': `attachment; filename*=UTF-8''${name}`,
      'Content-Security-Policy': "sandbox; default-src 'none'",
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
    },
  };
}
