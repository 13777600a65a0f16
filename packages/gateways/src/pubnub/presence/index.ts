import type { Endpoint } from '../http/call.ts';
import { COMING_AND_GOING } from './coming-and-going.ts';
import { HERE_NOW } from './here-now.ts';
import { STATE } from './state.ts';
import { WHERE_NOW } from './where-now.ts';

/** Heartbeat, leave, here-now, where-now and state. */
export const endpoints: readonly Endpoint[] = [...COMING_AND_GOING, ...HERE_NOW, WHERE_NOW, ...STATE];
