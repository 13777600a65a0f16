import type { StatelessApi } from '@portcullis/engine';
import type { Principal } from '@portcullis/policy';
import { expect, it } from 'vitest';
import type { Call, PubNubDeps } from './call.ts';
import { overRate } from './rates.ts';
import { SETTINGS } from './settings.fixture.ts';

/** Somebody of an app who changes something, under the app's settings of the moment. */
function changing() {
  const engine = { now: () => 1_000 } as StatelessApi;
  const principal: Principal = { kind: 'stated', user: 'ann', credentials: [] };
  return (rate: 'rateReactions' | 'rateObjects', more: object, app = 'a') => {
    const call = { app: { app, settings: { ...SETTINGS, ...more } }, principal, address: '::1' };
    return overRate(call as unknown as Call, { engine } as unknown as PubNubDeps, rate);
  };
}

it('other settings with the same rate go on counting, another rate begins anew', () => {
  const change = changing();
  const two = { rateReactions: 2, rateObjects: 1 };
  expect([change('rateReactions', two), change('rateReactions', two)]).toEqual([undefined, undefined]);
  expect(change('rateReactions', { ...two, maxUrl: 9_000 })).toBe('limit.rateReactions');
  expect(change('rateObjects', two)).toBeUndefined();
  const three = { ...two, rateReactions: 3 };
  expect([change('rateReactions', three), change('rateObjects', three)]).toEqual([undefined, 'limit.rateObjects']);
});

it('apps count apart', () => {
  const change = changing();
  const one = { rateReactions: 1 };
  expect([change('rateReactions', one), change('rateReactions', one, 'b')]).toEqual([undefined, undefined]);
});
