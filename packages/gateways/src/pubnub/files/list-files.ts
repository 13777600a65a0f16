import type { FileRow, FilesQuery } from '@portcullis/engine';
import { refused } from '../ask/ask.ts';
import { countOf } from '../ask/parameters.ts';
import { data } from '../http/answers.ts';
import type { Answer, Call, PubNubDeps } from '../http/call.ts';
import { seer } from '../storage/read-channels.ts';
import { fileProblem } from './file-answers.ts';
import { secondText } from './form.ts';
import { isThere } from './seen-file.ts';

type After = NonNullable<FilesQuery['after']>;

/** A channel's files that the asker may see, newest first. */
export async function listFiles(call: Call, deps: PubNubDeps): Promise<Answer> {
  const { channel = '' } = call.params;
  const ask = { operation: 'files.list', name: channel } as const;
  const denied = refused(call, deps, ask);
  if (denied) return denied;
  const limit = countOf(call.query, 'limit', call.app.settings.filesPage);
  const text = call.query.get('next') ?? '';
  const after = text === '' ? undefined : readNext(text);
  if (limit === 'bad' || after === 'bad') {
    return fileProblem(400, `${limit === 'bad' ? 'limit' : 'next'} is invalid`, 'request.malformed');
  }
  const found = await find(call, deps, { channel, limit, after });
  const deniedNow = refused(call, deps, ask);
  if (deniedNow) return deniedNow;
  const seen = found.slice(0, limit).filter(seer(call, deps));
  const shown = seen.map(({ name, id, size, createdAt }) => ({ name, id, size, created: secondText(createdAt) }));
  const last = seen.at(-1);
  const next = found.length > limit && last !== undefined ? nextOf(last) : null;
  return data(shown, { next, count: shown.length });
}

/** One more than the page holds, where there is one. */
async function find(
  call: Call,
  deps: PubNubDeps,
  { channel, limit, after }: { readonly channel: string; readonly limit: number; readonly after: After | undefined },
): Promise<readonly FileRow[]> {
  const sees = seer(call, deps);
  const found: FileRow[] = [];
  let from = after;
  while (found.length <= limit) {
    const rows = await deps.store.files(call.app.app, channel, { limit: limit + 1, ...(from ? { after: from } : {}) });
    found.push(...rows.filter((row) => isThere(row, deps.engine.now()) && sees(row)));
    if (rows.length <= limit) break;
    from = rows.at(-1);
  }
  return found;
}

/** The last file of the page: nothing that the page does not show. */
const nextOf = ({ createdAt, id, name }: After): string =>
  Buffer.from(JSON.stringify([createdAt, id, name])).toString('base64url');

function readNext(text: string): After | 'bad' {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (!Array.isArray(parsed)) return 'bad';
    const [createdAt, id, name]: readonly unknown[] = parsed;
    const isNext = Number.isSafeInteger(createdAt) && typeof id === 'string' && typeof name === 'string';
    return isNext ? { createdAt: Number(createdAt), id, name } : 'bad';
  } catch {
    return 'bad';
  }
}
