import type { Clock, EngineApi, Log } from '@portcullis/engine';

/** Marks the revocations made here, to be told from an operator's. */
const REASON = 'key removed from the configuration';
/** How long such a revocation stands: far longer than settling every session of a busy app takes. */
const STANDS = 5_000;

export interface WithdrawDeps {
  readonly engine: EngineApi;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Cuts whatever rests on keys that are trusted no more. New tokens of theirs are refused already; a revocation, which
 * reaches the live sessions, is needed only until those are settled, and is then taken back: another key may get the
 * same id.
 */
export async function withdrawKeys(app: string, keys: readonly string[], deps: WithdrawDeps): Promise<void> {
  const { engine, clock, log } = deps;
  if (!engine.has(app)) return;
  const revocations = keys.map((key) => ({
    id: engine.nextId(),
    type: 'key' as const,
    key,
    reason: REASON,
    keepUntil: clock.now() + STANDS,
  }));
  await engine.commit(
    app,
    revocations.map((revocation) => ({ type: 'revocation.put', revocation })),
  );
  clock.after(STANDS, () => {
    takeBack(app, deps).catch((error: unknown) => log.error('identity.take-back-failed', { app, error }));
  });
}

/** Takes back what `withdrawKeys` left and no longer stands, also from a process that ended before it could. */
export async function takeBack(app: string, { engine, clock }: Omit<WithdrawDeps, 'log'>): Promise<void> {
  if (!engine.has(app)) return;
  const done = engine
    .source(app)
    .revocations.filter(({ reason, keepUntil }) => reason === REASON && keepUntil <= clock.now());
  if (done.length === 0) return;
  await engine.commit(
    app,
    done.map(({ id }) => ({ type: 'revocation.delete', id })),
  );
}
