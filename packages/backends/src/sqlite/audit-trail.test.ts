import type { Store } from '@portcullis/engine';
import { afterEach, describe, expect, it } from 'vitest';
import { DataFolder } from './data-folder.fixture.ts';

const folders = new DataFolder();
afterEach(() => folders.clear());

async function audited(store: Store, from: number, to: number): Promise<void> {
  const entries = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  const entry = { app: null, actor: 'cli', action: 'x', detail: {} };
  await Promise.all(entries.map((at) => store.audit({ ...entry, at })));
}

async function instants(store: Store): Promise<number[]> {
  return (await store.auditTrail({ limit: 100_000 })).map(({ at }) => at);
}

describe('the audit trail', () => {
  it('keeps at least the newest auditEntries, and not many more', async () => {
    const store = await folders.open({ auditEntries: 100 });
    for (let n = 0; n < 10; n += 1) {
      await audited(store, n * 50 + 1, n * 50 + 50);
      const kept = await instants(store);
      const newest = n * 50 + 50;
      const least = Math.min(100, newest);
      expect(kept.slice(0, least)).toEqual(Array.from({ length: least }, (_, index) => newest - index));
      expect(kept.length).toBeLessThan(100 + 128);
    }
  });

  it('that an earlier process left too long is shortened a little at a time, and ids go on', async () => {
    const store = await folders.open();
    await audited(store, 1, 3_000);
    expect(await instants(store)).toHaveLength(3_000);
    const again = await folders.reopen(store, { auditEntries: 100 });
    await audited(again, 3_001, 3_001);
    await expect.poll(async () => (await instants(again)).length).toBe(3_001 - 1_024);
    await audited(again, 3_002, 3_300);
    const kept = await instants(again);
    expect(kept.slice(0, 100)).toEqual(Array.from({ length: 100 }, (_, index) => 3_300 - index));
    expect(kept.length).toBeLessThan(400);
    const [first] = await again.auditTrail({ limit: 1 });
    expect(first?.id).toBe(3_300);
  });
});
