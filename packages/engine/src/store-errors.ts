import type { Core } from './core.ts';
import type { Refused } from './outcome.ts';
import { StoreFullError } from './ports/store.ts';
import type { Publisher } from './publisher.ts';

/** A store that failed is an operator's matter: logged once here, and a refusal for the client. */
export function refusedStore(core: Core, asker: Pick<Publisher, 'app' | 'principal'>, error: unknown): Refused {
  core.log.error('store.failed', { app: asker.app.id, error });
  return core.refuseWith(asker.app, asker, storeCode(error));
}

export function storeCode(error: unknown): 'store.full' | 'store.unavailable' {
  return error instanceof StoreFullError ? 'store.full' : 'store.unavailable';
}
