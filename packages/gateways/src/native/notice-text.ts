import type { HistoryPage, Joined, Member, Notice } from '@portcullis/engine';
import { CODES } from '@portcullis/policy';
import { doneText, errorText, itemText, memberText, positionText } from './wire-text.ts';

/** What the engine tells one session, as messages of the wire. A notice that answers a command carries its id as `ref`. */
export function noticeText(notice: Notice, explained: boolean): readonly string[] {
  switch (notice.type) {
    case 'joined':
      return [joinedText(notice)];
    case 'left':
      return notice.ref === undefined ? [] : [doneText('left', notice.ref, notice.channel)];
    case 'roster':
      return [rosterText(notice)];
    case 'history':
      return [historyText(notice)];
    case 'lost': {
      const { channel, left, code, message } = notice;
      return [JSON.stringify({ type: 'lost', channel, what: left ? 'channel' : 'presence', code, message })];
    }
    case 'token-expired': {
      const { code, message, grace } = notice;
      return [JSON.stringify({ type: 'token-expired', code, message, grace })];
    }
    case 'refused': {
      const { type: _, ...refusal } = notice;
      return [errorText(explained ? { ...refusal, fix: CODES[notice.code].fix } : refusal)];
    }
  }
}

function joinedText({ channel, ref, position, recovery, presence }: Joined): string {
  const recovered = recovery === undefined ? '' : `,"recovery":"${recovery}"`;
  const name = JSON.stringify(channel);
  return `{"type":"joined",${idText(ref)}"channel":${name},"position":${positionText(position)}${recovered},"presence":${presence}}`;
}

interface Roster {
  readonly channel: string;
  readonly members: readonly Member[];
  readonly total: number;
  readonly ref?: number;
}

function rosterText({ channel, ref, members, total }: Roster): string {
  const shown = members.map(memberText).join(',');
  return `{"type":"roster",${idText(ref)}"channel":${JSON.stringify(channel)},"members":[${shown}],"total":${total}}`;
}

function historyText({ channel, ref, join, items, more }: HistoryPage): string {
  const shown = items.map(itemText).filter((text) => text !== '');
  const joined = join ? '"join":true,' : '';
  const name = JSON.stringify(channel);
  return `{"type":"history",${idText(ref)}${joined}"channel":${name},"messages":[${shown.join(',')}],"more":${more}}`;
}

function idText(ref: number | undefined): string {
  return ref === undefined ? '' : `"id":${ref},`;
}
