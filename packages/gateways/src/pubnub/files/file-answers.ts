import { CODES, type Code } from '@portcullis/policy';
import type { Answer } from '../http/call.ts';

/** `{"status":…,"error":{"message":…,"source":"files"}}`. */
export function fileProblem(status: number, message: string, code: Code): Answer {
  return {
    status,
    type: 'json',
    body: JSON.stringify({ status, error: { message, source: 'files' }, code }),
    headers: { 'X-Portcullis-Code': code },
  };
}

export const noSuchFile = (): Answer => fileProblem(404, 'File Not Found', 'not-found');

/** How the vendor's object storage refuses an upload: clients read `Message`. */
export function uploadProblem(status: number, name: string, message: string, code: Code): Answer {
  const text = message.replace(/\p{Cc}/gu, ' ').replace(/[<>&]/g, (char) => `&#${char.charCodeAt(0)};`);
  return {
    status,
    type: 'xml',
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${name}</Code><Message>${text}</Message></Error>`,
    // What is left of the body is not waited for.
    headers: { 'X-Portcullis-Code': code, Connection: 'close' },
  };
}

export const uploadDenied = ({ code, message }: { readonly code: Code; readonly message: string }): Answer =>
  uploadProblem(403, 'AccessDenied', message, code);
export const formExpired = (): Answer =>
  uploadProblem(403, 'AccessDenied', 'Invalid according to Policy: Policy expired.', 'request.malformed');
export const badForm = (problem: string): Answer =>
  uploadProblem(400, 'MalformedPOSTRequest', problem, 'request.malformed');
export const storageFull = (): Answer =>
  uploadProblem(400, 'QuotaExceeded', CODES['limit.filesBytes'].sentence, 'limit.filesBytes');
export const fileTooLarge = (): Answer =>
  uploadProblem(400, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', 'limit.fileSize');
