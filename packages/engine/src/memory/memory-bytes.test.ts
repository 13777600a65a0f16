import { describe, it } from 'vitest';
import { filesCases } from '../suites/index.ts';
import { MemoryBytes } from './memory-bytes.ts';

describe('MemoryBytes keeps the contract of files', () => {
  for (const { name, run } of filesCases) {
    it(name, () => run({ files: new MemoryBytes(), leftovers: async () => 0 }));
  }
});
