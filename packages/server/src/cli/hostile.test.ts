import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createWorld } from './io.fixture.ts';
import { readXanoExport } from './xano-export.ts';
import { toRules } from './xano-rules.ts';
import { XanoScriptError } from './xanoscript.ts';

const { run } = createWorld();

test('parse answers whatever it is given', async () => {
  const segment = fc.string({ unit: fc.constantFrom(...'abcXYZ019-_=') });
  const tokenish = fc.array(segment, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('.'));
  const json = fc.json().map((text) => `e30.${Buffer.from(text).toString('base64url')}.x`);
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary' }), tokenish, json), async (text) => {
      expect([0, 1]).toContain((await run(['parse'], text)).code);
    }),
    { numRuns: 300 },
  );
});

test('an export that is none is refused, never a fault', () => {
  const script = fc.string({ unit: fc.constantFrom(...'ab"\'{}[]=:,/\n #', 'realtime_channel ', '"x" {') });
  fc.assert(
    fc.property(fc.oneof(script, fc.json()), (text) => {
      try {
        const found = readXanoExport(text);
        if (found !== undefined) toRules([found]);
      } catch (fault) {
        expect(fault).toBeInstanceOf(XanoScriptError);
      }
    }),
    { numRuns: 1_000 },
  );
});
