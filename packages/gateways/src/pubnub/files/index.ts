import type { Endpoint } from '../http/call.ts';
import { deleteFile } from './delete-file.ts';
import { download, followLink } from './download.ts';
import { uploadForm } from './form.ts';
import { listFiles } from './list-files.ts';
import { publishFile } from './publish-file.ts';
import { upload } from './upload.ts';

export { sweepFiles } from './sweep-files.ts';
export type { FileVault } from './vault.ts';

const FILES = '/v1/files/{sub}/channels/{channel}';

/** Files that are sent on channels. */
export const endpoints: readonly Endpoint[] = [
  { method: 'POST', path: `${FILES}/generate-upload-url`, handle: uploadForm },
  { method: 'POST', path: '/v1/files/{sub}/upload', callers: 'open', handle: upload },
  { method: 'GET', path: '/v1/files/publish-file/{pub}/{sub}/0/{channel}/0/{message}', handle: publishFile },
  { method: 'GET', path: `${FILES}/files`, reads: true, handle: listFiles },
  { method: 'GET', path: `${FILES}/files/{id}/{name}`, reads: true, handle: download },
  { method: 'GET', path: '/v1/files/{sub}/link/{link}', callers: 'open', handle: followLink },
  { method: 'DELETE', path: `${FILES}/files/{id}/{name}`, handle: deleteFile },
];
