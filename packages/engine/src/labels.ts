import type { Audience } from '@portcullis/policy';
import type { Publication } from './publication.ts';

/**
 * What a subscription receives without being addressed itself. A subscription's labels are the outcome of
 * `decide()`; the fan-out only compares bits.
 */
export const LABEL = { everyone: 1, authenticated: 2, presence: 4 } as const;

/** The label a publication goes out under; 0 for one that is addressed to a table, a user or a session. */
export function labelOf(audience: Audience): number {
  switch (audience.to) {
    case 'everyone':
      return LABEL.everyone;
    case 'authenticated':
      return LABEL.authenticated;
    case 'presence':
      return LABEL.presence;
    case 'table':
    case 'row':
    case 'user':
    case 'session':
      return 0;
  }
}

export function isAddressed(publication: Publication): boolean {
  return labelOf(publication.audience) === 0;
}
