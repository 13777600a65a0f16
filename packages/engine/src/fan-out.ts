import type { App } from './app.ts';
import type { AudienceClass, Channel } from './channel.ts';
import type { Core } from './core.ts';
import { endTooSlow, sendParts, uncorkAll } from './delivery.ts';
import { endSession } from './ending.ts';
import { expireDue } from './expire-due.ts';
import { LABEL, labelOf } from './labels.ts';
import { type Part, partsOf } from './parts.ts';
import type { Publication } from './publication.ts';
import { mayReceive, receivers, recoverers } from './receivers.ts';
import { sendDueRosters } from './roster.ts';
import type { Session } from './session.ts';
import { settleChannel } from './settle-channel.ts';
import type { Subscription } from './subscription.ts';

/** A batch is written out early at this size, bytes of payload. */
const BATCH_BYTES = 64 * 1024;

/** Takes a publication from the broker's feed into its channel's batch of this turn. */
export function receive(core: Core, publication: Publication): void {
  const app = core.apps.get(publication.app);
  if (!app) return;
  if (publication.stamp > app.policy.epoch) {
    app.held.push(publication);
    return;
  }
  if (app.window) {
    app.window.arrived(publication, core.clock.now());
    app.polls?.arrived(publication);
  }
  const channel = app.channels.get(publication.channel);
  if (!channel) {
    core.logs.release(app, publication.channel);
    return;
  }
  const label = labelOf(publication.audience);
  // Nobody is shown it: whoever comes to be shown presence gets a roster that it is already in.
  if (label === LABEL.presence && !channel.hasPresenceReaders && channel.waiting.size === 0) return;
  if (label === 0) {
    for (const sub of receivers(core, app, channel, publication)) sub.address(publication);
  } else if (channel.recovering.size > 0) {
    for (const sub of recoverers(core, channel, publication)) sub.address(publication);
  }
  channel.batch.push(publication);
  channel.batchBytes += publication.data.length;
  if (channel.batchBytes >= BATCH_BYTES && !channel.flushing) flush(core, app, channel);
  else schedule(core, app, channel);
}

function schedule(core: Core, app: App, channel: Channel): void {
  if (channel.scheduled) return;
  channel.scheduled = true;
  core.scheduled.push({ app, channel });
  core.wakeAtEndOfTurn();
}

/** Writes out all that this turn brought. A subscriber of several of its channels gets one gathered write. */
export function flushTurn(core: Core): void {
  const due = core.scheduled.splice(0);
  core.gathering = due.length > 1;
  try {
    for (const { app, channel } of due) {
      channel.scheduled = false;
      flush(core, app, channel);
    }
    sendDueRosters(core);
    for (const app of core.apps.values()) app.polls?.completeDue();
  } finally {
    core.gathering = false;
    uncorkAll(core);
  }
}

/** Writes a channel's batch to those admitted to it now. */
export function flush(core: Core, app: App, channel: Channel): void {
  if (channel.flushing) return;
  channel.flushing = true;
  try {
    writeOut(core, app, channel);
  } catch (error) {
    // Who got the batch and who did not cannot be told any more: nobody goes on with a gap.
    core.log.error('fan-out.failed', { app: app.id, channel: channel.name, error });
    for (const { session } of [...channel.subs.values()]) endSession(core, session, 'server.fault');
  } finally {
    channel.flushing = false;
  }
}

function writeOut(core: Core, app: App, channel: Channel): void {
  if (channel.dirty) settleChannel(core, channel);
  // Last: whatever came before took its time.
  expireDue(core);
  const { batch } = channel;
  channel.batch = [];
  channel.batchBytes = 0;
  const first = batch[0];
  if (first) {
    const tooSlow: Session[] = [];
    let delivered = 0;
    const due = { batch, first: first.seq, inSocket: app.definition.limits.inSocket };
    for (const audience of channel.classes) delivered += writeClass(core, audience, due, tooSlow);
    for (const sub of channel.waiting) hold(core, sub, batch, tooSlow);
    core.meter.delivered(app.id, delivered);
    for (const session of tooSlow) endTooSlow(core, session);
  }
}

interface Due {
  readonly batch: readonly Publication[];
  /** The arrival number it begins with. */
  readonly first: number;
  readonly inSocket: number;
}

function writeClass(core: Core, audience: AudienceClass, { batch, first, inSocket }: Due, tooSlow: Session[]): number {
  const { subs, labels, codec } = audience;
  if (subs.length === 0) return 0;
  const entries = batch.filter((publication) => (labelOf(publication.audience) & labels) !== 0);
  const parts = partsOf(codec, entries, inSocket);
  let single: SingleBuffers | undefined;
  let delivered = 0;
  for (const sub of subs) {
    if (sub.gate <= first) {
      // The hot loop: one comparison, one shared buffer, unless there is more of it than a socket is handed at once.
      if (!sendParts(core, sub, parts)) tooSlow.push(sub.session);
      delivered += entries.length;
    } else {
      const own = entriesFor(core, sub, batch);
      single ??= new SingleBuffers(codec, inSocket);
      if (own.length > 0 && !sendParts(core, sub, single.of(own))) tooSlow.push(sub.session);
      delivered += own.length;
    }
  }
  return delivered;
}

/** The entries of a batch that are for one subscription, in order: admitted when they got their place, and now. */
function entriesFor(core: Core, sub: Subscription, batch: readonly Publication[]): readonly Publication[] {
  const addressed = sub.takeAddressed();
  return batch.filter((publication) => {
    const label = labelOf(publication.audience);
    if (label !== 0 && publication.seq >= sub.since) return sub.admits(publication, label);
    return addressed?.includes(publication) === true && mayReceive(core, sub, publication);
  });
}

/** Live entries wait behind the history a join asked for, up to what a session may owe. */
function hold(core: Core, sub: Subscription, batch: readonly Publication[], tooSlow: Session[]): void {
  const own = entriesFor(core, sub, batch);
  for (const publication of own) sub.waitingBytes += publication.data.length;
  sub.waiting?.push(...own);
  if (sub.waitingBytes > sub.session.app.definition.limits.sendBuffer) tooSlow.push(sub.session);
}

/** Receivers that are not handed a whole batch often share the same part of it; each part is encoded once. */
class SingleBuffers {
  readonly #codec: AudienceClass['codec'];
  readonly #most: number;
  readonly #parts = new Map<string, readonly Part[]>();

  constructor(codec: AudienceClass['codec'], most: number) {
    this.#codec = codec;
    this.#most = most;
  }

  of(entries: readonly Publication[]): readonly Part[] {
    const key = entries.map((publication) => publication.seq).join();
    let parts = this.#parts.get(key);
    if (!parts) {
      parts = partsOf(this.#codec, entries, this.#most);
      this.#parts.set(key, parts);
    }
    return parts;
  }
}
