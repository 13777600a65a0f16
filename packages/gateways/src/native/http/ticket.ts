import { type Call, proofsOf, provenOrRefused } from './call.ts';
import { answerJson, Refusal } from './problem.ts';

/** Gives a ticket for one stream to who shows a token. */
export async function serveTicket(call: Call): Promise<void> {
  const { deps, app, query, response, tickets } = call;
  const proofs = proofsOf(call, query.one('user'));
  query.end();
  if (proofs.token === undefined) {
    throw new Refusal(
      'request.malformed',
      'Send the token that the ticket is to stand for, as `Authorization: Bearer`.',
      {
        status: 401,
      },
    );
  }
  const principal = provenOrRefused(call, await deps.identify(app, proofs));
  const asked = { operation: 'connect', principal, now: deps.clock.now() } as const;
  const decision = deps.engine.stateless.decide(app, asked);
  if (!decision.allowed) {
    const { code, message } = deps.engine.stateless.refuse(app, asked, decision);
    throw new Refusal(code, message);
  }
  const { ticket, endsAt } = tickets.give(app, principal);
  answerJson(response, 201, JSON.stringify({ ticket, expiresAt: endsAt }));
}
