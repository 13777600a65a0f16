import type { EngineApi, Log, Store } from '@portcullis/engine';
import type { ListenerBook } from '../actions/listener-book.ts';
import type { TriggerBook } from '../triggers/trigger-book.ts';
import type { Identities } from './identities.ts';

/** What the catalogue of apps tells of each of them. */
export interface CatalogDeps {
  readonly engine: EngineApi;
  readonly store: Pick<Store, 'load'>;
  readonly identities: Identities;
  readonly triggers: TriggerBook;
  readonly listeners: ListenerBook;
  readonly log: Log;
}
