import type { Ending, Member, Position, Publication, Sender, Timetoken } from '@portcullis/engine';
import type { Code } from '@portcullis/policy';
import { mayReconnect } from '@portcullis/protocol';

/**
 * The JSON text of what this door sends (`@portcullis/protocol`, `docs/protocol.md`). Payloads are JSON text already and
 * are put in as they are.
 */

/** One message or event; `''` for what this wire has no place for. */
export function itemText(publication: Publication): string {
  const { sender } = publication;
  return wordItem(publication, sender === null ? '' : `,"from":${senderText(sender)}`);
}

/** The same, where it is said once who sent all of several. */
export function bareItemText(publication: Publication): string {
  return wordItem(publication, '');
}

/** Changes of presence are told otherwise; reactions and app context stay on the door they were made through. */
export function isItem({ kind }: Publication): boolean {
  return kind !== 'presence' && kind !== 'action' && kind !== 'object';
}

function wordItem(publication: Publication, from: string): string {
  const { kind, position, timetoken, data, meta } = publication;
  if (!isItem(publication)) return '';
  const offset = position === null ? '' : `"offset":${position.offset},`;
  const said = kind === 'message' ? '' : `,"kind":"${kind}"`;
  const beside = meta === undefined ? '' : `,"meta":${meta}`;
  return `{${offset}"timetoken":"${timetoken}"${said}${toText(publication)}${from},"data":${data}${beside}}`;
}

function toText({ audience }: Publication): string {
  switch (audience.to) {
    case 'everyone':
    case 'presence':
      return '';
    case 'authenticated':
      return ',"to":"authenticated"';
    case 'table':
    case 'row':
    case 'user':
    case 'session':
      return ',"to":"you"';
  }
}

/** A session's publications all have its one sender: it is put into words once. */
const senders = new WeakMap<Sender, string>();

function senderText(sender: Sender): string {
  let text = senders.get(sender);
  if (text === undefined) {
    const { session, user, claimed, extras } = sender;
    text = JSON.stringify({
      ...(session !== '' && { session }),
      ...(user !== '' && { user }),
      ...(claimed !== undefined && { claimed }),
      ...(!isEmpty(extras) && { extras }),
    });
    senders.set(sender, text);
  }
  return text;
}

/** A change of presence; `''` for counts, which other doors announce. */
export function presenceText({ channel, presence }: Publication): string {
  if (presence === undefined) return '';
  const { action, member, occupancy, state } = presence;
  const shown = memberText(state === undefined ? member : { ...member, state });
  const said = action === 'state-change' ? 'state' : action;
  return `{"type":"presence","channel":${JSON.stringify(channel)},"action":"${said}","member":${shown},"occupancy":${occupancy}}`;
}

/** `sender`: of all of them; they are bare then. */
export function messagesText(
  channel: string,
  epoch: string | undefined,
  items: readonly string[],
  sender: Sender | null,
): string {
  const log = epoch === undefined ? '' : `,"epoch":${JSON.stringify(epoch)}`;
  const from = sender === null ? '' : `,"from":${senderText(sender)}`;
  return `{"type":"messages","channel":${JSON.stringify(channel)}${log}${from},"messages":[${items.join(',')}]}`;
}

export function memberText({ session, user, proven, extras, state }: Member): string {
  return JSON.stringify({
    session,
    ...(user !== '' && { user, proven }),
    ...(!isEmpty(extras) && { extras }),
    ...(state && { state }),
  });
}

function isEmpty(object: object): boolean {
  for (const _ in object) return false;
  return true;
}

export function positionText(position: Position | null): string {
  return position === null ? 'null' : `{"epoch":${epochText(position.epoch)},"offset":${position.offset}}`;
}

let lastEpoch = '';
let lastEpochText = '""';

/** One answer after the other names the same. */
function epochText(epoch: string): string {
  if (epoch !== lastEpoch) {
    lastEpoch = epoch;
    lastEpochText = JSON.stringify(epoch);
  }
  return lastEpochText;
}

export interface Placed {
  readonly position: Position | null;
  readonly timetoken: Timetoken;
  readonly repeated?: boolean;
}

export function publishedText(id: number, { position, timetoken, repeated }: Placed): string {
  const again = repeated === true ? ',"repeated":true' : '';
  return `{"type":"published","id":${id},"position":${positionText(position)},"timetoken":"${timetoken}"${again}}`;
}

export function doneText(type: 'left' | 'state', id: number, channel: string): string {
  return `{"type":"${type}","id":${id},"channel":${JSON.stringify(channel)}}`;
}

export interface Failure {
  readonly id?: number;
  readonly channel?: string;
  readonly code: Code;
  readonly message: string;
  readonly fix?: string;
}

export function errorText({ id, channel, code, message, fix }: Failure): string {
  return JSON.stringify({ type: 'error', id, channel, code, message, fix });
}

/** The last message before the close frame. */
export function closingText({ code, message }: Ending, closeCode: number): string {
  return JSON.stringify({ type: 'closing', code, message, reconnect: mayReconnect(closeCode) });
}
