import * as policy from '@portcullis/policy';
import { SETTINGS } from '@portcullis/policy/testing';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { launchChromium, noChromium } from '../playground/chromium.fixture.ts';

/** What decides in the server decides in a page as well: the package as it is, bundled for browsers. */
const NOW = 1_800_000_000_000;
const SECRET = { id: 'k1', secret: 'secret-of-the-tests-0123456789abcdef' };

let browser: Browser;
let page: Page;
beforeAll(async () => {
  if (noChromium !== null) return;
  const { outputFiles } = await build({
    stdin: { contents: "export * from '@portcullis/policy'", resolveDir: import.meta.dirname },
    bundle: true,
    format: 'iife',
    globalName: 'policy',
    platform: 'browser',
    target: 'es2022',
    conditions: ['source'],
    write: false,
  });
  browser = await launchChromium();
  page = await browser.newPage();
  await page.addScriptTag({ content: outputFiles[0]?.text ?? '' });
});
afterAll(() => browser?.close());
beforeEach((context) => {
  if (noChromium !== null) context.skip(noChromium);
});

interface Given {
  readonly settings: typeof SETTINGS;
  readonly secret: typeof SECRET;
  readonly now: number;
}

/** Mints, verifies and decides. Whole in itself: its text is what the page runs. */
function story(of: typeof policy, { settings, secret, now }: Given) {
  const rule = {
    ...of.RULE_DEFAULTS,
    id: 1,
    version: 0,
    origin: 'file',
    target: 'room/*',
    nested: true,
    anonymousClients: true,
    publicMessaging: { enabled: true, authenticatedOnly: true },
  } as const;
  const gates = { ...settings, grants: true };
  const compiled = of.compilePolicy({ app: 'a', epoch: 1, settings: gates, rules: [rule], revocations: [], bans: [] });
  const patterns = { channels: new Map([['room/[a-z]+', 3]]) };
  const context = { app: 'a', secret, now, nonce: '0123456789abcdef' };
  const minted = of.mintGrant({ ttl: 60, authorizedUser: 'ada', patterns }, context);
  const token = minted.ok ? minted.token : '';
  const verified = of.verifyGrant(token, { app: 'a', secrets: [secret], now });
  const forged = of.verifyGrant(token, { app: 'a', secrets: [{ ...secret, secret: 'another' }], now });
  if (!verified.ok) return { token, refused: verified.code };
  const { grant } = verified;
  const { id, key, issuedAt } = grant;
  const proof = { type: 'grant', id, key, issuedAt, expiresAt: now + 3_600_000 } as const;
  const user = { kind: 'user', user: 'ada', table: 1, row: 'ada', extras: {}, credentials: [proof], grant } as const;
  const everyone = { operation: 'publish', target: { to: 'everyone' } } as const;
  const asked = [
    { ...everyone, principal: user, name: 'room/one', now },
    { ...everyone, principal: user, name: 'room/2', now },
    { ...everyone, principal: user, name: 'elsewhere', now },
    { ...everyone, principal: user, name: 'room/one', now: now + 3_600_000 },
    { ...everyone, principal: of.ANONYMOUS, name: 'room/one', now },
    { operation: 'join', principal: of.ANONYMOUS, name: 'room/one', now } as const,
  ];
  const decided = asked.map((request) => of.decide(request, compiled));
  return {
    token,
    id,
    holder: grant.authorizedUser,
    forged: forged.ok ? 'verified' : forged.code,
    codes: decided.map((decision) => (decision.allowed ? 'allowed' : decision.code)),
    steps: asked.map((request) => of.explain(request, compiled).steps),
  };
}

it('verifies grants and decides in a browser as it does in the server', async () => {
  const given: Given = { settings: SETTINGS, secret: SECRET, now: NOW };
  const there = await page.evaluate(`(${story})(policy, ${JSON.stringify(given)})`);
  expect(there).toEqual(story(policy, given));
  expect(there).toMatchObject({
    holder: 'ada',
    forged: 'identity.bad-signature',
    codes: [
      'allowed',
      'grant.not-covered',
      'channel.no-rule',
      'identity.expired',
      'channel.public-messaging-authenticated-only',
      'grant.none',
    ],
  });
});
