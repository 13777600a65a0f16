import type { PubNubApp } from '../http/call.ts';
import { existsHere, userExistsHere } from '../names/exists-here.ts';
import type { Kind } from './kinds.ts';
import type { Rows } from './list-rows.ts';

/** Rows fetched at once while they are counted. */
const CHUNK = 500;

/** The rows whose channels, or users, there are at this door. */
export function rowsHere<Row>(rows: Rows<Row>, { kind }: Kind, app: PubNubApp): Rows<Row> {
  if (!app.settings.strictNames) return rows;
  const isHere = (row: Row) => {
    const id = rows.idOf(row);
    return kind === 'channel' ? existsHere(id, app) : userExistsHere(id, app);
  };
  const page: Rows<Row>['page'] = async ({ after, limit }) => {
    const found: Row[] = [];
    for (let last = after; ; ) {
      const some = await rows.page({ limit, ...(last === undefined ? {} : { after: last }) });
      found.push(...some.filter(isHere));
      const end = some.at(-1);
      if (found.length >= limit || end === undefined || some.length < limit) return found.slice(0, limit);
      last = rows.idOf(end);
    }
  };
  const count = async (): Promise<number> => {
    let counted = 0;
    for (let last: string | undefined; ; ) {
      const some = await page({ limit: CHUNK, ...(last === undefined ? {} : { after: last }) });
      counted += some.length;
      const end = some.at(-1);
      if (end === undefined || some.length < CHUNK) return counted;
      last = rows.idOf(end);
    }
  };
  return { ...rows, page, count };
}
