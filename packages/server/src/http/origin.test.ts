import { describe, expect, test } from 'vitest';
import { createOriginGuard } from './origin.ts';

describe('pages of this machine and of the public address', () => {
  const allowed = createOriginGuard([
    'http://localhost:*',
    'https://localhost:*',
    'http://127.0.0.1:*',
    'http://[::1]:*',
    'https://chat.example.com',
  ]);
  test.each([
    undefined,
    'http://localhost',
    'http://localhost:3000',
    'https://localhost:8443',
    'http://127.0.0.1:7070',
    'http://[::1]:5173',
    'https://chat.example.com',
  ])('%s passes', (origin) => {
    expect(allowed(origin)).toBe(true);
  });
  test.each([
    'null',
    '',
    '*',
    'http://*.localhost',
    'http://localhost:*',
    'http://evil.example',
    'http://localhost.evil.example:3000',
    'http://127.0.0.1.evil.example',
    'http://chat.example.com',
    'https://chat.example.com:8443',
    'https://sub.chat.example.com',
    'file://',
    'http://localhost:3000/path',
    'http://user@localhost:3000',
    'http://LOCALHOST:3000',
    'http://localhost:3000, http://localhost:3000',
  ])('%s does not', (origin) => {
    expect(allowed(origin)).toBe(false);
  });
});

describe('patterns', () => {
  const allowed = createOriginGuard([
    'https://*.Example.com',
    'http://app.test:8080',
    'https://plain.test:443',
    'capacitor://localhost',
  ]);
  test.each([
    ['https://a.example.com', true],
    ['https://a.b.example.com', false],
    ['https://example.com', false],
    ['https://badexample.com', false],
    ['http://a.example.com', false],
    ['http://app.test:8080', true],
    ['http://app.test', false],
    ['https://plain.test', true],
    ['capacitor://localhost', true],
    ['http://localhost:3000', false],
  ] as const)('%s: %s', (origin, passes) => {
    expect(allowed(origin)).toBe(passes);
  });

  test('a star is any page, and still not null', () => {
    const any = createOriginGuard(['*']);
    expect(any('https://wherever.example')).toBe(true);
    expect(any('null')).toBe(false);
  });

  test('what is no origin is refused when the guard is built', () => {
    for (const pattern of ['null', 'localhost', 'https://a.test/path', 'https://*']) {
      expect(() => createOriginGuard([pattern]), pattern).toThrow(TypeError);
    }
  });
});
