import { expect, test } from 'vitest';
import { createHostGuard } from './host.ts';

const passes = createHostGuard(['Chat.example.com']);

test.each([
  'localhost',
  'localhost:7070',
  '127.0.0.1:7070',
  '[::1]:7070',
  '192.168.0.7',
  'chat.example.com',
  'CHAT.example.com:443',
])('%s passes', (host) => {
  expect(passes(host)).toBe(true);
});

test.each([
  undefined,
  '',
  'evil.example',
  'localhost.evil.example',
  'chat.example.com@evil.example',
  'a b',
  'localhost:x',
])('%s does not', (host) => {
  expect(passes(host)).toBe(false);
});
