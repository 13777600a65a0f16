import { defineConfig } from 'vitest/config';

// The tests run against the sources: nothing has to be built first.
const resolve = { conditions: ['source'] };
const room = (name: string) => ({
  resolve,
  ssr: { resolve: { conditions: ['source', 'node', 'import', 'module', 'default'] } },
  test: {
    name,
    root: `./packages/${name}`,
    include: ['src/**/*.test.ts'],
    environment: 'node',
    testTimeout: 30_000,
    // Loading the same modules again for each of hundreds of files took longer than the tests in them.
    isolate: false,
  },
});

export default defineConfig({
  test: {
    projects: [
      room('policy'),
      room('engine'),
      room('backends'),
      room('gateways'),
      room('automation'),
      room('server-sdk'),
      room('triggers-kit'),
      room('server'),
      room('client'),
      {
        resolve,
        ssr: { resolve: { conditions: ['source', 'node', 'import', 'module', 'default'] } },
        test: {
          name: 'conformance',
          root: './conformance',
          include: ['**/*.test.ts'],
          environment: 'node',
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 10_000 } },
          // Real servers, real clients and a browser: after the rest, so that each has the machine to itself.
          sequence: { groupOrder: 1 },
          fileParallelism: false,
        },
      },
    ],
  },
});
