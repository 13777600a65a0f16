import { SETTINGS as DEFAULTS } from '@portcullis/policy/testing';
import type { Limits } from '../limits.ts';

export { FEATURES } from '@portcullis/policy/testing';
export { LoopClock } from './loop-clock.fixture.ts';

/** The configuration's defaults for an app with rules, but that channels without a rule of their own keep no history. */
export const SETTINGS = { ...DEFAULTS, historyDefault: 0 };

/** The configuration's defaults. */
export const LIMITS: Limits = {
  message: 32 * 1024,
  messageDepth: 32,
  triggerHops: 3,
  channelsPerConnection: 2_000,
  historyChannels: 100_000,
  sendBuffer: 1024 * 1024,
  inSocket: 64 * 1024,
  joinTimeout: 30_000,
  rosterMax: 1_000,
  extras: 2_048,
  pendingCommands: 64,
  ratePerConnection: Number.POSITIVE_INFINITY,
  ratePerUser: Number.POSITIVE_INFINITY,
  ratePerChannel: Number.POSITIVE_INFINITY,
  ratePerApp: Number.POSITIVE_INFINITY,
};
