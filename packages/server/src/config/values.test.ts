import { nearest } from '@portcullis/policy';
import { expect, test } from 'vitest';
import { formatDuration, parseDuration } from './duration.ts';
import { isLoopback } from './loopback.ts';
import { parseSize } from './size.ts';

test.each([
  ['15m', 900_000],
  ['1h30m', 5_400_000],
  ['250ms', 250],
  ['0.5s', 500],
  ['2d', 172_800_000],
  ['0', 0],
  ['15', undefined],
  ['m', undefined],
  ['-1s', undefined],
  ['1 s', undefined],
  ['', undefined],
  ['99999999999999999d', undefined],
])('the duration %j is %s ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

test.each([0, 1, 999, 1_000, 60_000, 90_000, 3_600_000, 86_400_000])('%s ms reads back', (ms) => {
  expect(parseDuration(formatDuration(ms))).toBe(ms);
});

test.each([
  ['1MiB', 1_048_576],
  ['32KiB', 32_768],
  ['10MB', 10_000_000],
  ['1kb', 1_000],
  ['65536', 65_536],
  ['1.5KiB', 1_536],
  ['0.3', undefined],
  ['1 TiB', undefined],
  ['-1', undefined],
  ['', undefined],
])('the size %j is %s bytes', (text, bytes) => expect(parseSize(text)).toBe(bytes));

test.each([
  ['hitory', 'history'],
  ['histroy', 'history'],
  ['public_messaging', 'publicMessaging'],
  ['PublicMessaging', 'publicMessaging'],
  ['hist', 'history'],
  ['x', undefined],
  ['completely', undefined],
])('nearest to %j is %j', (word, near) => {
  expect(nearest(word, ['history', 'publicMessaging', 'presence', 'target'])).toBe(near);
});

test.each([
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['::1', true],
  ['[::1]', true],
  ['localhost', true],
  ['0.0.0.0', false],
  ['127.0.0.1.example.com', false],
  ['localhost.example.com', false],
])('%s is loopback: %s', (host, loopback) => expect(isLoopback(host)).toBe(loopback));
