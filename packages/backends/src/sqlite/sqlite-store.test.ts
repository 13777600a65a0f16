import { durableStoreCases, storeCases } from '@portcullis/engine/suites';
import { afterEach, describe, it } from 'vitest';
import { DataFolder } from './data-folder.fixture.ts';

const folder = new DataFolder();
afterEach(() => folder.clear());

describe('SqliteStore keeps the contract of a store', () => {
  for (const { name, run } of [...storeCases, ...durableStoreCases]) {
    it(name, async () => {
      const store = await folder.open();
      await run({ store, reopen: () => folder.reopen(store) });
    });
  }
});
