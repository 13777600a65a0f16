import { type AccessRequest, type Audience, everyoneUnder, type Rule } from '@portcullis/policy';
import type { App } from './app.ts';
import { type Core, refusal } from './core.ts';
import type { ServerEvent } from './engine-api.ts';
import { publicationHappened } from './happenings.ts';
import { labelOf } from './labels.ts';
import type { EventOutcome } from './outcome.ts';
import { place } from './placing.ts';
import type { Draft, Publication } from './publication.ts';
import { receivers } from './receivers.ts';
import { storeCode } from './store-errors.ts';

/** A server event: passes the channel gate, goes to its audience, and is kept for it where the channel keeps history. */
export async function sendEvent(core: Core, app: App, event: ServerEvent): Promise<EventOutcome> {
  if (app.removal !== null) return refusal('app.disabled');
  const request: AccessRequest = {
    operation: 'event',
    principal: event.principal,
    now: core.clock.now(),
    name: event.channel,
  };
  const decision = core.decide(app, request);
  if (!decision.allowed) return core.refuse(app, request, decision);
  const keep = decision.rule?.history ?? 0;
  try {
    if (keep > 0 && !core.logs.isOpen(app, event.channel)) {
      await core.logs.open(app, event.channel);
      return await sendEvent(core, app, event);
    }
    core.meter.published(app.id, 'event');
    let delivered = 0;
    const placed = await place(core, app, draftOf(app, event, decision.rule), {
      keep,
      ...(app.definition.retention === undefined ? {} : { life: app.definition.retention }),
      happened: app.events.hears('event.sent')
        ? (publication) => publicationHappened('event.sent', event.principal, publication, event)
        : undefined,
    });
    if (placed === 'stale') return refusal('trigger.stale');
    delivered = countReceivers(core, app, placed);
    return { ok: true, position: placed.position, timetoken: placed.timetoken, delivered };
  } catch (error) {
    core.log.error('store.failed', { app: app.id, error });
    return refusal(storeCode(error));
  }
}

function draftOf(app: App, event: ServerEvent, rule: Rule | undefined): Draft {
  return {
    app: app.id,
    channel: event.channel,
    kind: 'event',
    audience: audienceOf(event, rule),
    sender: null,
    data: event.data,
    table: event.table ?? 0,
    row: event.row ?? 0,
    logged: true,
  };
}

function audienceOf({ user, table, row }: ServerEvent, rule: Rule | undefined): Audience {
  if (user !== undefined) return { to: 'user', user };
  if (table !== undefined && row !== undefined) return { to: 'row', table, row };
  if (table !== undefined) return { to: 'table', table };
  return everyoneUnder(rule);
}

function countReceivers(core: Core, app: App, publication: Publication): number {
  const channel = app.channels.get(publication.channel);
  if (!channel) return 0;
  return labelOf(publication.audience) === 0 ? receivers(core, app, channel, publication).length : channel.subs.size;
}
