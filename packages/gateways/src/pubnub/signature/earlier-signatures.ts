import type { Query } from '../http/call.ts';
import { ownText } from './own-text.ts';

/** Of one app. */
const AT_MOST = 10_000;
/** ms: longer than a poll hangs and its client waits before it tries again. */
const KEPT_FOR = 600_000;
/** Characters of what is remembered; those of clients are shorter. */
const LONGEST = 64;

export interface Earlier {
  readonly signature: string;
  /** It was looked at and did not match. */
  readonly doubted: boolean;
}

/**
 * The signature that each request came with last, by its `requestid`. A client that tries a request again may sign it together
 * with the signature of the attempt before, which it does not send again.
 *
 * Whoever comes may have something remembered here. It proves nothing: what is signed with it is signed with the secret, or
 * does not match.
 */
export class EarlierSignatures {
  /** Oldest first. */
  readonly #apps = new Map<string, Map<string, Earlier & { readonly at: number }>>();

  of(app: string, query: Query): Earlier | undefined {
    return this.#apps.get(app)?.get(query.get('requestid') ?? '');
  }

  /** @param doubted left out where nobody looked */
  note(app: string, query: Query, { now, doubted }: { readonly now: number; readonly doubted?: boolean }): void {
    const id = query.get('requestid') ?? '';
    const signature = query.get('signature') ?? '';
    if (id === '' || id.length > LONGEST || signature === '' || signature.length > LONGEST) return;
    const known = this.#apps.get(app) ?? new Map<string, Earlier & { readonly at: number }>();
    this.#apps.set(app, known);
    const before = known.get(id)?.doubted ?? false;
    known.delete(id);
    known.set(ownText(id), { signature: ownText(signature), doubted: doubted ?? before, at: now });
    for (const [old, { at }] of known) {
      if (known.size <= AT_MOST && now - at <= KEPT_FOR) break;
      known.delete(old);
    }
  }
}
