import type { Endpoint } from '../http/call.ts';
import { PUBLISHING } from './publish.ts';
import { SUBSCRIBE } from './subscribe.ts';

/** Publish, fire, signal and subscribe. */
export const endpoints: readonly Endpoint[] = [...PUBLISHING, SUBSCRIBE];
