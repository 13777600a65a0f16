import { RawClient } from '../support/raw-client.ts';
import { HASH, type RunningServer } from '../support/server.ts';
import { untilGone } from './writers.fixture.ts';

/** The rule of edit number `n`: every field tells the number, so that half an edit shows. */
export function ruleOfEdit(target: string, n: number) {
  const odd = n % 2 === 1;
  return {
    target,
    nested: false,
    enabled: true,
    description: `edit ${n}`,
    anonymousClients: odd,
    presence: odd,
    publicMessaging: { enabled: odd, authenticatedOnly: odd },
    authenticatedMessaging: odd,
    privateMessaging: { enabled: odd, authenticatedOnly: odd },
    history: n,
  };
}

/** Changes of authority that were acknowledged before the server was gone. */
export class Changes {
  /** Id of the rule that is edited. */
  rule: unknown;
  /** Number of the last edit that was acknowledged; the next may or may not have been made. */
  edits = 0;
  readonly banned: string[] = [];
  /** Banned, and the ban lifted again. */
  readonly pardoned: string[] = [];
  readonly revoked: string[] = [];
}

/** Edits a rule and takes away from users, over and over, until the server is gone; notes what was acknowledged. `tokens`: of users named `round-n`, as many as are needed. */
export async function changeAuthority(
  server: RunningServer,
  { target, tokens, changes }: { target: string; tokens: readonly string[]; changes: Changes },
): Promise<void> {
  const { id } = await server.must('POST', '/apps/test/rules', ruleOfEdit(target, 1));
  changes.rule = id;
  changes.edits = 1;
  const edits = untilGone(async (n) => {
    await server.must('PUT', `/apps/test/rules/${id}`, ruleOfEdit(target, n + 1));
    changes.edits = n + 1;
  });
  const takings = untilGone(async (n) => {
    const token = tokens[n - 1];
    const user = `${target}-${n}`;
    if (n % 3 === 0 && token !== undefined) {
      await server.must('POST', '/apps/test/revocations', { token });
      changes.revoked.push(token);
      return;
    }
    await server.must('POST', '/apps/test/bans', { user, reason: 'for good' });
    if (n % 3 === 1) changes.banned.push(user);
    else {
      await server.must('DELETE', '/apps/test/bans', { user });
      changes.pardoned.push(user);
    }
  });
  await Promise.all([edits, takings]);
}

/** The rule that stands, without what the server adds to it. */
export async function ruleNow(server: RunningServer, id: unknown): Promise<Record<string, unknown>> {
  const { id: _, version, origin, ...rule } = await server.must('GET', `/apps/test/rules/${id}`);
  return rule;
}

/** What the bearer of a token is told when it connects; `[]`: it is welcome. */
export async function greeting(port: number, token: string): Promise<string[]> {
  const client = await RawClient.open({ port, hash: HASH, token });
  client.send({ action: 'join', options: { channel: 'ledger/greeting' }, payload: {} });
  await Promise.race([client.until(({ action }) => action === 'join').catch(() => {}), client.untilGone()]);
  client.destroy();
  return client.frames
    .filter(({ action }) => action === 'error')
    .map(({ payload }) => (payload as { code: string }).code);
}
