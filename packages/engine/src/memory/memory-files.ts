import type { FileRow, FileState, FilesQuery } from '../ports/store-files.ts';

/** Answers of the sweeps are cut off here. */
const MOST_EXPIRED = 1_000;

/** The index of files, in memory. */
export class MemoryFiles {
  /** By app, then channel, then the id and the name as JSON. */
  readonly #apps = new Map<string, Map<string, Map<string, FileRow>>>();

  put(row: FileRow, expected?: FileState | null): 'put' | 'conflict' {
    const there = this.file(row.app, row.channel, row.id, row.name);
    if (expected !== undefined && (there?.state ?? null) !== expected) return 'conflict';
    const channels = this.#apps.get(row.app) ?? new Map<string, Map<string, FileRow>>();
    const files = channels.get(row.channel) ?? new Map<string, FileRow>();
    this.#apps.set(row.app, channels.set(row.channel, files.set(keyOf(row.id, row.name), row)));
    return 'put';
  }

  file(app: string, channel: string, id: string, name: string): FileRow | null {
    return this.#apps.get(app)?.get(channel)?.get(keyOf(id, name)) ?? null;
  }

  page(app: string, channel: string, { after, limit }: FilesQuery): readonly FileRow[] {
    const files = [...(this.#apps.get(app)?.get(channel)?.values() ?? [])];
    const there = files.filter((row) => row.state === 'stored' && (after === undefined || newestFirst(after, row) < 0));
    return there.sort(newestFirst).slice(0, Math.max(0, limit));
  }

  delete(app: string, channel: string, id: string, name: string): boolean {
    const channels = this.#apps.get(app);
    const files = channels?.get(channel);
    const deleted = files?.delete(keyOf(id, name)) ?? false;
    if (files?.size === 0) channels?.delete(channel);
    return deleted;
  }

  expired(state: FileState, now: number): readonly FileRow[] {
    const ended = (row: FileRow) => row.expiresAt ?? Number.POSITIVE_INFINITY;
    const found = [...this.#apps.keys()].flatMap((app) => this.#of(app));
    return found
      .filter((row) => row.state === state && ended(row) <= now)
      .sort((one, other) => ended(one) - ended(other))
      .slice(0, MOST_EXPIRED);
  }

  totals(app: string): { readonly count: number; readonly bytes: number } {
    const rows = this.#of(app);
    return { count: rows.length, bytes: rows.reduce((bytes, { size }) => bytes + size, 0) };
  }

  deleteApp(app: string): void {
    this.#apps.delete(app);
  }

  #of(app: string): FileRow[] {
    return [...(this.#apps.get(app)?.values() ?? [])].flatMap((files) => [...files.values()]);
  }
}

type Placed = Pick<FileRow, 'createdAt' | 'id' | 'name'>;

function newestFirst(one: Placed, other: Placed): number {
  if (one.createdAt !== other.createdAt) return other.createdAt - one.createdAt;
  if (one.id !== other.id) return one.id < other.id ? 1 : -1;
  if (one.name !== other.name) return one.name < other.name ? 1 : -1;
  return 0;
}

function keyOf(id: string, name: string): string {
  return JSON.stringify([id, name]);
}
