import { sweepFiles } from '@portcullis/gateways/pubnub';
import { takeBack } from './apps/withdraw-keys.ts';
import type { Parts } from './compose.ts';
import { repeat } from './repeat.ts';

const DENIALS_EVERY = 1_000;
const SWEEP_EVERY = 60_000;
/** Entries taken away at once: what is left waits for the next sweep. */
const SWEEP_MOST = 1_000;

/** What has to be done again and again. Returns a function that ends it. */
export function houseKeep(parts: Parts): () => void {
  const { clock, log, denials, apps, store, vault } = parts;
  const ends = [
    repeat({ clock, log, name: 'denials', every: DENIALS_EVERY }, () => denials.flush()),
    repeat({ clock, log, name: 'sweep', every: SWEEP_EVERY }, async () => {
      for (const { config } of apps.list()) await sweep(config.id, parts);
    }),
    repeat({ clock, log, name: 'files', every: SWEEP_EVERY }, async () => {
      await sweepFiles(store, vault.files, clock.now());
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}

/** Takes away bans and holds that have ended, and revocations of what has expired by itself. */
export async function sweep(app: string, { engine, clock }: Pick<Parts, 'engine' | 'clock'>): Promise<void> {
  await takeBack(app, { engine, clock });
  const now = clock.now();
  const { bans, revocations } = engine.source(app);
  const ended = [
    ...bans
      .filter(({ until }) => until !== undefined && until <= now)
      .map(({ id }) => ({ type: 'ban.delete', id }) as const),
    ...revocations
      .filter(({ keepUntil }) => keepUntil <= now)
      .map(({ id }) => ({ type: 'revocation.delete', id }) as const),
  ].slice(0, SWEEP_MOST);
  if (ended.length > 0) await engine.commit(app, ended);
}
