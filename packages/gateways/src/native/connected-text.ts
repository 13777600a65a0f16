import type { SessionApi } from '@portcullis/engine';
import { type AccessSettings, countsAsAuthenticated, expiresAt } from '@portcullis/policy';
import { frameMax, type NativeLimits } from './limits.ts';
import { memberText } from './wire-text.ts';

interface Facts {
  readonly settings: AccessSettings;
  readonly limits: NativeLimits;
  readonly now: number;
  readonly ping: number;
}

/** The answer to `connect`. */
export function connectedText(id: number, session: SessionApi, { settings, limits, now, ping }: Facts): string {
  const { principal, resume } = session;
  const ends = expiresAt(principal);
  const rest = JSON.stringify({
    authenticated: countsAsAuthenticated(principal, settings),
    ...endOf(ends),
    ...(resume === null ? {} : { resume }),
    now: Math.floor(now),
    ping,
    maxMessage: limits.message,
    maxFrame: frameMax(limits),
    maxCommands: limits.commandsPerFrame,
  });
  const name = JSON.stringify(session.id);
  return `{"type":"connected","id":${id},"session":${name},"self":${memberText(session.self)},${rest.slice(1)}`;
}

/** The answer to a token that took the place of another. */
export function swappedText(id: number, ends: number): string {
  return JSON.stringify({ type: 'token', id, ...endOf(ends) });
}

const endOf = (ends: number) => (Number.isFinite(ends) ? { expiresAt: ends } : {});
