import { instantOf } from './account.fixture.ts';
import type { Room } from './acts.fixture.ts';
import { broken } from './broken.fixture.ts';
import type { Entry } from './reading.fixture.ts';
import { type AppRecord, type Connection, GRACE_MS, type Run } from './run.fixture.ts';

/** Of who broke off and is back in time nobody is told that it left or came, unless something took it out meanwhile. */
export function assertExpected(run: Run, app: AppRecord, connection: Connection, { asked }: Entry, room: Room): void {
  const before = lastBefore(app, connection);
  const from = before?.closedAt ?? null;
  // Far from its broker what was told before has its place later.
  if (!before || from === null || run.schedule.farBroker || !before.leftFrom.includes(room)) return;
  const { session, line } = connection;
  const until = Math.min(instantOf(from) + GRACE_MS, before.proofs.at(-1)?.expiresAt ?? 0);
  const meanwhile = (timetoken: bigint) => timetoken > from && timetoken <= asked.entered;
  const left = line.written.some(({ item }) => item.type === 'left' && item.channel === room);
  if (
    asked.at >= until ||
    left ||
    lostItsProof(connection, asked) ||
    app.acks.some(({ timetoken }) => meanwhile(timetoken))
  )
    return;
  for (const { item } of app.connections.flatMap((one) => one.line.written)) {
    if (item.type !== 'publication' || item.publication.channel !== room) continue;
    const { presence, timetoken } = item.publication;
    if (presence?.member.session !== session.id || presence.action === 'state-change') continue;
    if (meanwhile(timetoken)) broken('who is back in time did not leave', { room, presence });
  }
}

/** What it connected with ended before it asked, or before another took its place: with that it leaves. */
function lostItsProof({ proofs }: Connection, { at, entered }: Entry['asked']): boolean {
  const shown = proofs.filter(({ from }) => from <= entered);
  return shown.some(({ expiresAt }, i) => {
    const next = shown[i + 1];
    return expiresAt <= (next ? instantOf(next.from) : at);
  });
}

/** The connection before, of the same client and name. */
function lastBefore({ connections }: AppRecord, connection: Connection): Connection | undefined {
  const { client, session } = connection;
  const own = connections.filter((one) => one.client === client && one.session.id === session.id);
  return own[own.indexOf(connection) - 1];
}
