import type { NativeLimits } from './limits.ts';

export const NATIVE_LIMITS: NativeLimits = {
  message: 1024,
  messageDepth: 8,
  pendingCommands: 4,
  joinTimeout: 30_000,
  beforeJoin: 8 * 1024,
  frameBeforeJoin: 4 * 1024,
  frame: 16 * 1024,
  commandsPerFrame: 100,
  meta: 256,
  state: 256,
  channelsPerStream: 4,
  token: 4096,
};
