import type {
  Expecting,
  MembershipKey,
  MembershipRow,
  MembershipsOf,
  ObjectKind,
  ObjectRow,
  PageQuery,
  PutOutcome,
} from '../ports/store-objects.ts';
import { SortedRows } from './sorted-rows.ts';

interface AppObjects {
  readonly user: SortedRows<ObjectRow>;
  readonly channel: SortedRows<ObjectRow>;
  /** The same rows twice: by user, then channel, and the other way round. */
  readonly byUser: Map<string, SortedRows<MembershipRow>>;
  readonly byChannel: Map<string, SortedRows<MembershipRow>>;
}

/** App context, in memory. */
export class MemoryObjects {
  readonly #apps = new Map<string, AppObjects>();

  object(app: string, kind: ObjectKind, id: string): ObjectRow | null {
    return this.#apps.get(app)?.[kind].get(id) ?? null;
  }

  put(app: string, kind: ObjectKind, row: ObjectRow, expectedEtag?: string | null): PutOutcome {
    if (!isExpected(this.object(app, kind, row.id), expectedEtag)) return 'conflict';
    this.#open(app)[kind].set(row.id, row);
    return 'put';
  }

  delete(app: string, kind: ObjectKind, id: string): boolean {
    return this.#apps.get(app)?.[kind].delete(id) ?? false;
  }

  page(app: string, kind: ObjectKind, page: PageQuery): readonly ObjectRow[] {
    return this.#apps.get(app)?.[kind].page(page) ?? [];
  }

  count(app: string, kind: ObjectKind): number {
    return this.#apps.get(app)?.[kind].size ?? 0;
  }

  membership(app: string, { user, channel }: MembershipKey): MembershipRow | null {
    return this.#apps.get(app)?.byUser.get(user)?.get(channel) ?? null;
  }

  putMemberships(app: string, rows: readonly (MembershipRow & Expecting)[]): PutOutcome {
    const expected = rows.every((row) => isExpected(this.membership(app, row), row.expectedEtag));
    if (!expected) return 'conflict';
    const { byUser, byChannel } = this.#open(app);
    for (const { expectedEtag: _, ...row } of rows) {
      rowsOf(byUser, row.user).set(row.channel, row);
      rowsOf(byChannel, row.channel).set(row.user, row);
    }
    return 'put';
  }

  deleteMemberships(app: string, keys: readonly MembershipKey[]): readonly MembershipRow[] {
    const held = this.#apps.get(app);
    return keys.flatMap((key) => {
      const row = this.membership(app, key);
      if (!held || !row) return [];
      remove(held.byUser, key.user, key.channel);
      remove(held.byChannel, key.channel, key.user);
      return row;
    });
  }

  memberships(app: string, of: MembershipsOf, page: PageQuery): readonly MembershipRow[] {
    return this.#memberships(app, of)?.page(page) ?? [];
  }

  countMemberships(app: string, of: MembershipsOf): number {
    return this.#memberships(app, of)?.size ?? 0;
  }

  deleteApp(app: string): void {
    this.#apps.delete(app);
  }

  #memberships(app: string, of: MembershipsOf): SortedRows<MembershipRow> | undefined {
    const held = this.#apps.get(app);
    return 'user' in of ? held?.byUser.get(of.user) : held?.byChannel.get(of.channel);
  }

  #open(app: string): AppObjects {
    const open = this.#apps.get(app) ?? {
      user: new SortedRows<ObjectRow>(),
      channel: new SortedRows<ObjectRow>(),
      byUser: new Map<string, SortedRows<MembershipRow>>(),
      byChannel: new Map<string, SortedRows<MembershipRow>>(),
    };
    this.#apps.set(app, open);
    return open;
  }
}

function isExpected(row: { readonly etag: string } | null, expectedEtag?: string | null): boolean {
  return expectedEtag === undefined || (row?.etag ?? null) === expectedEtag;
}

function rowsOf(held: Map<string, SortedRows<MembershipRow>>, id: string): SortedRows<MembershipRow> {
  const rows = held.get(id) ?? new SortedRows<MembershipRow>();
  held.set(id, rows);
  return rows;
}

function remove(held: Map<string, SortedRows<MembershipRow>>, id: string, other: string): void {
  const rows = held.get(id);
  rows?.delete(other);
  if (rows?.size === 0) held.delete(id);
}
