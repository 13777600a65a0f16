// @vitest-environment jsdom
import { expect, it } from 'vitest';
import { HERE } from './ports.ts';

/** What the browser's types say of it, where they are not loaded. */
const page = globalThis as unknown as EventTarget & { readonly document: EventTarget };

it('in a page, signs of the network and of somebody looking are told, until nobody watches', () => {
  const told: string[] = [];
  const stop = HERE.watch({ wake: () => told.push('wake'), doubt: () => told.push('doubt') });
  const happens = () => {
    page.dispatchEvent(new Event('offline'));
    page.dispatchEvent(new Event('online'));
    page.document.dispatchEvent(new Event('visibilitychange'));
  };
  happens();
  expect(told).toEqual(['doubt', 'wake', 'wake']);
  Object.defineProperty(page.document, 'visibilityState', { value: 'hidden', configurable: true });
  page.document.dispatchEvent(new Event('visibilitychange'));
  expect(told).toHaveLength(3);
  stop();
  happens();
  expect(told).toHaveLength(3);
});

it('keys are made up that fit the wire, each its own', () => {
  const keys = new Set(Array.from({ length: 1_000 }, () => HERE.key()));
  expect(keys.size).toBe(1_000);
  for (const key of keys) expect(key).toMatch(/^[0-9a-f]{32}$/);
});
