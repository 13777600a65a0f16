import type { Member, Publication, Sender } from '@portcullis/engine';
import type { Code } from '@portcullis/policy';

/**
 * The JSON text of every frame this door sends: `{"action":…,"options":…,"client":…,"payload":…}`. Payloads are JSON text
 * already and are put in as they are. What the SDK does not know goes inside `options` or `payload`, the parts it hands on
 * untouched; `options.channel` is always the exact joined name, for without it a frame reaches every channel of a client.
 */
export function joinText(channel: string, self: Member): string {
  return frame('join', channelOptions(channel), memberText(self), '{}');
}

export function leaveText(channel: string, self: Member): string {
  return frame('leave', channelOptions(channel), memberText(self), '{}');
}

export function rosterText(channel: string, members: readonly Member[], total: number): string {
  const presence = members.map(memberText).join(',');
  const cut = total > members.length ? `,"total":${total}` : '';
  return frame('presence_full', channelOptions(channel), 'null', `{"presence":[${presence}]${cut}}`);
}

/** `items` oldest first, each as the frame that was sent when it was new. */
export function historyText(channel: string, items: readonly Publication[]): string {
  return frame('history', channelOptions(channel), 'null', `{"history":[${items.map(publicationText).join(',')}]}`);
}

/** Without a channel it is about the connection, and the SDK shows it to every channel. */
export function errorText(code: Code, message: string, channel?: string): string {
  const options = channel === undefined ? '{}' : channelOptions(channel);
  return frame('error', options, 'null', JSON.stringify({ message, code }));
}

export function publicationText(publication: Publication): string {
  switch (publication.kind) {
    case 'message':
    case 'signal':
    case 'file':
      return messageText(publication);
    // Reactions and app context stay on the door they were made through.
    case 'action':
    case 'object':
      return '';
    case 'event':
      return eventText(publication);
    case 'presence':
      return presenceText(publication);
  }
}

/** `options` are what the sender asked for, all three always there, and the timetoken, by which a client can tell a repeat. */
function messageText({ channel, audience, sender, data, timetoken }: Publication): string {
  const authenticated = audience.to === 'authenticated';
  const socketId = audience.to === 'session' ? JSON.stringify(audience.session) : 'null';
  const options = `{"authenticated":${authenticated},"socketId":${socketId},"channel":${JSON.stringify(channel)},"timetoken":"${timetoken}"}`;
  return frame('message', options, sender === null ? 'null' : senderText(sender), data);
}

function eventText({ channel, data, table, row, timetoken }: Publication): string {
  const options = `{"channel":${JSON.stringify(channel)},"timetoken":"${timetoken}"}`;
  const payload = `{"data":${data},"dbo_id":${JSON.stringify(table ?? 0)},"row_id":${JSON.stringify(row ?? 0)}}`;
  return frame('event', options, 'null', payload);
}

function presenceText({ channel, presence }: Publication): string {
  // Counts are announced for doors that do not tell each change; this one does.
  if (presence === undefined || presence.action === 'state-change') return '';
  const action = presence.action === 'join' ? 'join' : 'leave';
  const payload = `{"action":"${action}","presence":${memberText(presence.member)}}`;
  return frame('presence_update', channelOptions(channel), 'null', payload);
}

/** A session's publications all have its one sender: it is put into words once. */
const senders = new WeakMap<Sender, string>();

function senderText(sender: Sender): string {
  let text = senders.get(sender);
  if (text === undefined) {
    text = clientText(sender);
    senders.set(sender, text);
  }
  return text;
}

/** What a client is to others. Zeros for whoever is not proven; a stated id is a label this wire has no room for. */
function clientText({ session, extras, table, row }: Pick<Member, 'session' | 'extras' | 'table' | 'row'>): string {
  return JSON.stringify({ socketId: session, extras, permissions: { dbo_id: table, row_id: row } });
}

/** Rosters list ids that are only stated apart from the proven user of that name: as anonymous here. */
function memberText(member: Member): string {
  return member.proven ? clientText(member) : clientText({ session: member.session, extras: {}, table: 0, row: 0 });
}

function channelOptions(channel: string): string {
  return `{"channel":${JSON.stringify(channel)}}`;
}

function frame(action: string, options: string, client: string, payload: string): string {
  return `{"action":"${action}","options":${options},"client":${client},"payload":${payload}}`;
}
