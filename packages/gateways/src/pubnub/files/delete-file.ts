import { refused } from '../ask/ask.ts';
import type { Answer, Call, PubNubDeps } from '../http/call.ts';
import { fileKey } from './file-key.ts';

/** Deletes a file, or the form that it was to be uploaded with. What is not there is deleted as well. */
export async function deleteFile(call: Call, deps: PubNubDeps): Promise<Answer> {
  const { channel = '', id = '', name = '' } = call.params;
  const { app } = call.app;
  const denied = refused(call, deps, { operation: 'files.delete', name: channel });
  if (denied) return denied;
  if (await deps.store.deleteFile(app, channel, id, name)) {
    await deps.vault.files.delete(fileKey(app, { channel, id, name }));
  }
  return { status: 200, type: 'json', body: '{"status":200}' };
}
