import { isPromise } from '@portcullis/engine';
import { baseOfPresence } from '@portcullis/policy';
import { refusal, refusalOf } from '../http/answers.ts';
import type { Answer, Call, Endpoint, PubNubDeps } from '../http/call.ts';
import { badCall } from '../messaging/bad-call.ts';
import { refuseUnlessAll } from '../messaging/decide-all.ts';
import { existsHere, membersHere } from '../names/exists-here.ts';
import { refuseTooMany } from '../names/refuse-too-many.ts';
import { GroupQueue } from './group-queue.ts';

const SERVICE = 'channel-registry';
const BASE = '/v1/channel-registration/sub-key/{sub}/channel-group';

/** Groups are listed and changed by GET alone. */
export const endpoints: readonly Endpoint[] = [
  { method: 'GET', path: BASE, reads: true, handle: asRegistry(listGroups) },
  { method: 'GET', path: `${BASE}/{group}`, handle: asRegistry(readOrChange) },
  { method: 'GET', path: `${BASE}/{group}/remove`, handle: asRegistry(removeGroup) },
];

/** Where the app offers no groups, the registry says so itself; other refusals are Access Manager's. */
function asRegistry(handle: Endpoint['handle']): Endpoint['handle'] {
  const worded = (answer: Answer): Answer =>
    answer.headers?.['X-Portcullis-Code'] === 'operation.not-enabled'
      ? badCall(SERVICE, 'operation.not-enabled', 'Channel groups are switched off for this app (features.groups)', 403)
      : answer;
  return (call, deps) => {
    const answer = handle(call, deps);
    return isPromise(answer) ? answer.then(worded) : worded(answer);
  };
}

/** By engine: every door of one engine changes the same groups. */
const queues = new WeakMap<PubNubDeps['engine'], GroupQueue>();

function queueOf({ engine }: PubNubDeps): GroupQueue {
  const queue = queues.get(engine) ?? new GroupQueue();
  queues.set(engine, queue);
  return queue;
}

function listGroups(call: Call, { engine }: PubNubDeps): Answer {
  const { app } = call.app;
  const request = { operation: 'groups.list-all', principal: call.principal, now: engine.now() } as const;
  const decision = engine.decide(app, request);
  if (!decision.allowed) return refusalOf(engine.refuse(app, request, decision));
  return ok({ namespace: '', groups: engine.groups(app).filter((group) => existsHere(group, call.app)) });
}

function readOrChange(call: Call, deps: PubNubDeps): Answer | Promise<Answer> {
  if (call.query.has('add')) return addChannels(call, deps);
  if (call.query.has('remove')) return removeChannels(call, deps);
  const { engine } = deps;
  const group = groupOf(call);
  const refused = refuseUnlessAll(call, engine, [{ operation: 'groups.list', name: group, is: 'group' }]);
  return refused ?? ok({ channels: membersHere(engine, call.app, group), group });
}

/** All of the channels or none. Decided in the turn in which the change is handed to the engine. */
function addChannels(call: Call, deps: PubNubDeps): Promise<Answer> {
  const { engine } = deps;
  const { app, settings } = call.app;
  const group = groupOf(call);
  const added = [...new Set(call.query.list('add'))];
  return queueOf(deps).run(app, group, async () => {
    const refused =
      refuseTooMany(added, [], call.app.settings) ??
      refuseUnlessAll(call, engine, [
        { operation: 'groups.add', name: group, is: 'group' },
        ...added.map((name) => ({ operation: 'groups.add-channel' as const, name, is: 'channel' as const })),
      ]);
    if (refused) return refused;
    if (added.length === 0) return badCall(SERVICE, 'request.malformed', 'Channels are missing');
    // Subscribers would be given the presence of another group by that name.
    if (baseOfPresence(group) !== undefined) {
      return badCall(SERVICE, 'request.malformed', 'The name of a channel group does not end in -pnpres');
    }
    const before = engine.group(app, group);
    const channels = [...new Set([...before, ...added])];
    if (channels.length > settings.channelsPerGroup) return refusal('limit.channelsPerGroup');
    if (channels.length > before.length)
      await engine.commit(app, [{ type: 'group.put', group, channels }], call.principal);
    return ok();
  });
}

function removeChannels(call: Call, deps: PubNubDeps): Promise<Answer> {
  const { engine } = deps;
  const { app } = call.app;
  const group = groupOf(call);
  const removed = new Set(call.query.list('remove'));
  return queueOf(deps).run(app, group, async () => {
    const refused =
      refuseTooMany([...removed], [], call.app.settings) ??
      refuseUnlessAll(call, engine, [{ operation: 'groups.remove', name: group, is: 'group' }]);
    if (refused) return refused;
    const before = engine.group(app, group);
    const channels = before.filter((channel) => !removed.has(channel));
    if (channels.length < before.length) await engine.commit(app, [putOrDelete(group, channels)], call.principal);
    return ok();
  });
}

function removeGroup(call: Call, deps: PubNubDeps): Promise<Answer> {
  const { engine } = deps;
  const { app } = call.app;
  const group = groupOf(call);
  return queueOf(deps).run(app, group, async () => {
    const refused = refuseUnlessAll(call, engine, [{ operation: 'groups.delete', name: group, is: 'group' }]);
    if (refused) return refused;
    if (engine.groups(app).includes(group)) await engine.commit(app, [{ type: 'group.delete', group }], call.principal);
    return ok();
  });
}

/** A group without channels is no group: it is not listed, and takes no room. */
function putOrDelete(group: string, channels: readonly string[]) {
  return channels.length > 0
    ? ({ type: 'group.put', group, channels } as const)
    : ({ type: 'group.delete', group } as const);
}

const groupOf = (call: Call): string => call.params.group ?? '';

/** `{"status":200,"message":"OK","service":"channel-registry","error":false}`, or with a payload instead of the message. */
function ok(payload?: object): Answer {
  const said = payload === undefined ? { message: 'OK' } : { payload };
  const body = JSON.stringify({ status: 200, ...said, service: SERVICE, error: false });
  return { status: 200, type: 'javascript', body };
}
