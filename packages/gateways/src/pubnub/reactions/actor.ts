import type { Sender } from '@portcullis/engine';
import type { Subject } from '@portcullis/policy';
import type { Call } from '../http/call.ts';

/** Who reacts: the owner of the reaction, and how the others see it. */
export interface Actor {
  readonly subject: Subject;
  readonly sender: Sender;
}

/** `undefined`: nobody, who can own nothing. A server reacts for the user it states. */
export function actorOf({ principal, uuid }: Call): Actor | undefined {
  switch (principal.kind) {
    case 'user': {
      const { user, table, row, extras } = principal;
      return { subject: { user, proven: true }, sender: { session: '', user, table, row, extras } };
    }
    case 'stated':
      return { subject: { user: principal.user, proven: false }, sender: labelled(principal.user) };
    case 'server':
      return uuid === '' ? undefined : { subject: { user: uuid, proven: true }, sender: labelled(uuid) };
    case 'anonymous':
    case 'trigger':
      return undefined;
  }
}

const labelled = (claimed: string): Sender => ({ session: '', user: '', table: 0, row: 0, extras: {}, claimed });
