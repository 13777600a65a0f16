import type { ObjectKind } from '@portcullis/engine';
import type { Operation } from '@portcullis/policy';

/** What there is to describe: users (`uuids` on this wire) and channels. */
export interface Kind {
  readonly kind: ObjectKind;
  /** The path parameter with its id, and the key it has where it is embedded. */
  readonly wire: 'uuid' | 'channel';
  /** Texts it always shows, unset ones as null. */
  readonly texts: readonly string[];
  readonly operations: Readonly<Record<'list' | 'get' | 'set' | 'remove', Operation>>;
  /** What the vendor says when it was changed in between. */
  readonly stale: string;
}

export const USERS: Kind = {
  kind: 'user',
  wire: 'uuid',
  texts: ['name', 'externalId', 'profileUrl', 'email'],
  operations: {
    list: 'user-metadata.list',
    get: 'user-metadata.get',
    set: 'user-metadata.set',
    remove: 'user-metadata.remove',
  },
  stale: 'User to update has been modified after it was read.',
};

export const CHANNELS: Kind = {
  kind: 'channel',
  wire: 'channel',
  texts: ['name', 'description'],
  operations: {
    list: 'channel-metadata.list',
    get: 'channel-metadata.get',
    set: 'channel-metadata.set',
    remove: 'channel-metadata.remove',
  },
  stale: 'Channel to update has been modified after it was read.',
};

/** Shown where they are asked for. `custom` holds scalars, the others are texts. */
export const ON_DEMAND = ['type', 'status', 'custom'] as const;
