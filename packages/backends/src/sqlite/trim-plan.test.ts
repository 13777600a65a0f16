import { expect, it } from 'vitest';
import { TrimPlan } from './trim-plan.ts';

/** Of so many appends, which ones are due. */
function due(plan: TrimPlan, appends: number, keep: number, shelf = 'a'): number[] {
  return Array.from({ length: appends }, (_, index) => index + 1).filter(() => plan.isDue(shelf, keep));
}

it('a shelf is trimmed when it is first seen, then once in 64 appends, or in as many as it keeps', () => {
  expect(due(new TrimPlan(), 200, 10)).toEqual([1, 65, 129, 193]);
  expect(due(new TrimPlan(), 450, 200)).toEqual([1, 201, 401]);
});

it('shelves are counted apart', () => {
  const plan = new TrimPlan();
  expect(due(plan, 64, 1, 'a')).toEqual([1]);
  expect(due(plan, 2, 1, 'b')).toEqual([1]);
  expect(due(plan, 1, 1, 'a')).toEqual([1]);
});

it('a shelf that had no room is trimmed with its next append', () => {
  const plan = new TrimPlan();
  due(plan, 5, 10);
  plan.hasten('a');
  expect(due(plan, 3, 10)).toEqual([1]);
});
