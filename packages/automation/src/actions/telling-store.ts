import type { MembershipKey, Store, Told } from '@portcullis/engine';

export interface Telling {
  /** They are durable. */
  readonly written: (entries: Told) => void;
  /** What they were to be written with did not happen. */
  readonly forgotten: (entries: Told) => void;
}

/** The same store, of whose entries those hear who hand them over. */
export function tellingStore(store: Store, { written, forgotten }: Telling): Store {
  const heard = async <T>(answer: Promise<T>, told: Told | undefined, happened: (value: T) => boolean): Promise<T> => {
    if (!told || told.length === 0) return answer;
    try {
      const value = await answer;
      if (happened(value)) written(told);
      else forgotten(told);
      return value;
    } catch (error) {
      forgotten(told);
      throw error;
    }
  };
  const always = () => true;
  const own: Partial<Store> = {
    commit: (app, epoch, changes, told) => heard(store.commit(app, epoch, changes, told), told, always),
    append: (item, told) => heard(store.append(item, told), told, always),
    addAction: (action, told) => heard(store.addAction(action, told), told, (added) => added === 'added'),
    removeAction: (app, channel, message, timetoken, told) =>
      heard(store.removeAction(app, channel, message, timetoken, told), told, Boolean),
    putObject: (app, kind, row, expected, told) =>
      heard(store.putObject(app, kind, row, expected, told), told, (outcome) => outcome === 'put'),
    deleteObject: (app, kind, id, told) => heard(store.deleteObject(app, kind, id, told), told, Boolean),
    putMemberships: (app, rows, told) =>
      heard(store.putMemberships(app, rows, told), told, (outcome) => outcome === 'put'),
    deleteMemberships: (app, keys, told) => deleteTold(store, { app, keys, told, written, forgotten }),
    enqueue: (entries) => heard(store.enqueue(entries), entries, always),
    replayLetters: async (app, moves) => {
      const entries = await store.replayLetters(app, moves);
      written(entries);
      return entries;
    },
  };
  return new Proxy(store, { get: (target, name) => Reflect.get(own, name) ?? methodOf(target, name) });
}

function methodOf(store: Store, name: string | symbol): unknown {
  const value: unknown = Reflect.get(store, name);
  return typeof value === 'function' ? value.bind(store) : value;
}

interface Deletion extends Telling {
  readonly app: string;
  readonly keys: readonly MembershipKey[];
  readonly told: ((key: MembershipKey) => Told) | undefined;
}

async function deleteTold(store: Store, { app, keys, told, written, forgotten }: Deletion) {
  if (!told) return store.deleteMemberships(app, keys);
  const noted = new Map<string, Told>();
  const keyOf = ({ user, channel }: MembershipKey) => JSON.stringify([user, channel]);
  const gone = await store.deleteMemberships(app, keys, (key) => {
    const entries = told(key);
    noted.set(keyOf(key), entries);
    return entries;
  });
  const there = new Set(gone.map(keyOf));
  for (const [key, entries] of noted) (there.has(key) ? written : forgotten)(entries);
  return gone;
}
