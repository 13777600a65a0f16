import type { AuditEntry, AuditQuery } from '../ports/store.ts';

/** The audit trail, in memory. */
export class MemoryTrail {
  readonly #kept: number;
  readonly #entries: (AuditEntry & { readonly id: number })[] = [];
  #last = 0;

  constructor(kept: number) {
    this.#kept = kept;
  }

  add(entry: AuditEntry): void {
    this.#entries.push({ ...entry, id: ++this.#last });
    if (this.#entries.length > this.#kept * 2) this.#entries.splice(0, this.#entries.length - this.#kept);
  }

  page({
    app: of,
    before = Number.POSITIVE_INFINITY,
    limit,
  }: AuditQuery): readonly (AuditEntry & { readonly id: number })[] {
    const entries = this.#entries.filter(({ id, app }) => id < before && (of === undefined || of === app));
    return entries.reverse().slice(0, Math.max(0, limit));
  }
}
