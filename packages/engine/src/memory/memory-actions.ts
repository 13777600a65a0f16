import type { Action, ActionsQuery, AddedAction, NewAction } from '../ports/store-actions.ts';
import type { Timetoken } from '../publication.ts';
import type { KeptItem, MemoryHistory } from './memory-history.ts';

/** Actions on what a channel keeps, in memory. Each stands with its message, and goes with it. */
export class MemoryActions {
  readonly #history: MemoryHistory;

  constructor(history: MemoryHistory) {
    this.#history = history;
  }

  add({ app, channel, now, most = Number.POSITIVE_INFINITY, ...said }: NewAction): AddedAction {
    const items = this.#history.items(app, channel, now);
    const message = items.find(({ publication }) => publication.timetoken === said.messageTimetoken);
    if (!message) return 'no-message';
    const action: Action = { ...said, audience: message.publication.audience };
    if (message.actions.some((other) => saysTheSame(other, action))) return 'exists';
    if (message.actions.length >= most) return 'full';
    if (actionsOn(this.#history.items(app, channel)).some(({ timetoken }) => timetoken === said.timetoken)) {
      return 'taken';
    }
    message.actions.push(action);
    message.actions.sort(byTimetoken);
    return 'added';
  }

  list({ app, channel, olderThan, notOlderThan, limit, now }: ActionsQuery): readonly Action[] {
    const there = actionsOn(this.#history.items(app, channel, now)).filter(
      ({ timetoken }) =>
        (olderThan === undefined || timetoken < olderThan) && (notOlderThan === undefined || timetoken >= notOlderThan),
    );
    return there.sort(byTimetoken).slice(Math.max(0, there.length - Math.max(0, limit)));
  }

  of(app: string, channel: string, messages: readonly Timetoken[]): readonly Action[] {
    const asked = new Set(messages);
    const items = this.#history.items(app, channel);
    return actionsOn(items.filter(({ publication }) => asked.has(publication.timetoken)));
  }

  find(app: string, channel: string, message: Timetoken, timetoken: Timetoken): Action | null {
    return this.of(app, channel, [message]).find((action) => action.timetoken === timetoken) ?? null;
  }

  remove(app: string, channel: string, message: Timetoken, timetoken: Timetoken): boolean {
    const item = this.#history.items(app, channel).find(({ publication }) => publication.timetoken === message);
    const place = item?.actions.findIndex((action) => action.timetoken === timetoken) ?? -1;
    if (place >= 0) item?.actions.splice(place, 1);
    return place >= 0;
  }
}

function actionsOn(items: readonly KeptItem[]): Action[] {
  return items.flatMap(({ actions }) => actions);
}

function saysTheSame(one: Action, other: Action): boolean {
  return one.type === other.type && one.value === other.value && one.user === other.user && one.proven === other.proven;
}

function byTimetoken(one: Action, other: Action): number {
  return one.timetoken < other.timetoken ? -1 : 1;
}
