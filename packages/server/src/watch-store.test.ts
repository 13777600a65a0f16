import { type Clock, MemoryStore, StoreFullError } from '@portcullis/engine';
import { expect, test } from 'vitest';
import { Health } from './http/health.ts';
import { StoreUnavailableError, watchStore } from './watch-store.ts';

function watched() {
  const state: { error: Error | null } = { error: null };
  const timers: (() => void)[] = [];
  const clock: Clock = {
    now: () => 0,
    after: (_, fn) => {
      timers.push(fn);
      return () => {};
    },
    endOfTurn: (fn) => fn(),
  };
  class Failing extends MemoryStore {
    override auditTrail(...query: Parameters<MemoryStore['auditTrail']>) {
      return state.error ? Promise.reject(state.error) : super.auditTrail(...query);
    }
  }
  const health = new Health();
  health.started();
  const store = watchStore(new Failing(), health, clock);
  const tick = async () => {
    for (const fire of timers.splice(0)) fire();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { state, store, health, tick };
}

test('a store that fails makes the server not ready until it answers again, also when nobody asks it', async () => {
  const { state, store, health, tick } = watched();
  state.error = new Error('gone');
  await expect(store.auditTrail({ limit: 1 })).rejects.toBeInstanceOf(StoreUnavailableError);
  expect(health.readiness()).toEqual({ ready: false, reason: 'store' });
  await tick();
  expect(health.readiness()).toMatchObject({ ready: false });
  state.error = null;
  await tick();
  expect(health.readiness()).toEqual({ ready: true });
});

test('a full disk is told as such, and the server stays ready: delivery goes on', async () => {
  const { state, store, health } = watched();
  state.error = new StoreFullError('full');
  await expect(store.auditTrail({ limit: 1 })).rejects.toBeInstanceOf(StoreFullError);
  expect(health.readiness()).toEqual({ ready: true });
});
