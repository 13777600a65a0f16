import { describe, expect, it } from 'vitest';
import { storeCases } from '../suites/index.ts';
import { MemoryStore } from './memory-store.ts';

describe('MemoryStore keeps the contract of a store', () => {
  for (const { name, run } of storeCases) {
    it(name, async () => {
      const reopen = () => Promise.reject(new Error('It keeps nothing beyond itself.'));
      await run({ store: new MemoryStore(), reopen });
    });
  }
});

describe('MemoryStore is bounded', () => {
  const denial = { app: 'demo', code: 'channel.no-rule', rule: null, count: 1 };

  it('keeps denials for so many minutes', async () => {
    const store = new MemoryStore({ denialMinutes: 10 });
    for (const minute of [100, 110, 111]) await store.countDenials([{ ...denial, minute, principal: 'anonymous' }]);
    expect((await store.denials('demo', 0)).map(({ minute }) => minute)).toEqual([110, 111]);
  });

  it('keeps so many counts of denials, the newest', async () => {
    const store = new MemoryStore({ denialRows: 3 });
    for (let n = 1; n <= 10; n += 1) await store.countDenials([{ ...denial, minute: 1, principal: `stated:${n}` }]);
    const kept = (await store.denials('demo', 0)).map(({ principal }) => principal);
    expect(kept).toEqual(['stated:8', 'stated:9', 'stated:10']);
  });

  it('keeps the newest entries of the audit trail', async () => {
    const store = new MemoryStore({ auditEntries: 5 });
    for (let n = 1; n <= 40; n += 1) await store.audit({ at: n, app: null, actor: 'cli', action: 'x', detail: {} });
    const kept = await store.auditTrail({ limit: 100 });
    expect(kept.length).toBeLessThanOrEqual(10);
    expect(kept.slice(0, 5).map(({ at }) => at)).toEqual([40, 39, 38, 37, 36]);
  });
});
