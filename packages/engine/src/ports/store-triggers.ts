import type { JsonObject } from '@portcullis/policy';

/** A trigger made here: opaque to engine and store, made by the server's configuration. */
export interface StoredTrigger {
  readonly id: number;
  readonly spec: JsonObject;
}

export type TriggerChange =
  | { readonly type: 'trigger.put'; readonly trigger: StoredTrigger }
  | { readonly type: 'trigger.delete'; readonly id: number };
