import {
  type AccessRequest,
  didYouMean,
  isOperation,
  OPERATIONS,
  type Operation,
  operationRow,
} from '@portcullis/policy';

/** The part of a request that says what is asked, without by whom and where. */
export type Asked = Pick<AccessRequest, 'operation' | 'target' | 'peer' | 'audience'>;

export const AUDIENCES = ['everyone', 'authenticated', 'session', 'anonymous-session', 'user'] as const;
type AudienceWord = (typeof AUDIENCES)[number];

/** Somebody else who is joined to the channel: the other end of a private message. */
const ANOTHER = '(another)';

export type ReadAsked = { readonly ok: true; readonly asked: Asked } | { readonly ok: false; readonly reason: string };

/**
 * `publish`, `publish to authenticated`, `receive to everyone`. What is sent goes to everyone unless it says otherwise;
 * `session` and `user` are somebody authenticated who is joined, `anonymous-session` somebody anonymous.
 */
export function readAsked(text: string): ReadAsked {
  const [, name = text, word] = /^(\S+)\s+to\s+(\S+)$/.exec(text.trim()) ?? [undefined, text.trim()];
  if (!isOperation(name)) {
    return { ok: false, reason: `there is no operation "${name}"${didYouMean(name, Object.keys(OPERATIONS))}` };
  }
  const audience = AUDIENCES.find((known) => known === (word ?? 'everyone'));
  if (audience === undefined) {
    return {
      ok: false,
      reason: `"${word}" is no audience${didYouMean(word ?? '', AUDIENCES) || `: ${AUDIENCES.join(', ')}`}`,
    };
  }
  const asked = addressed(name, audience);
  if (asked === undefined && word !== undefined) return { ok: false, reason: `${name} goes to nobody in particular` };
  return { ok: true, asked: asked ?? { operation: name } };
}

function addressed(operation: Operation, word: AudienceWord): Asked | undefined {
  const { channel } = operationRow(operation);
  if (channel === 'send') return { operation, ...sendTo(word) };
  if (channel === 'receive' || channel === 'item') return { operation, audience: audienceOf(word) };
  return undefined;
}

function sendTo(word: AudienceWord): Pick<AccessRequest, 'target' | 'peer'> {
  const peer = { joined: true, authenticated: word !== 'anonymous-session', self: false };
  switch (word) {
    case 'everyone':
    case 'authenticated':
      return { target: { to: word } };
    case 'session':
    case 'anonymous-session':
      return { target: { to: 'session', session: ANOTHER }, peer };
    case 'user':
      return { target: { to: 'user', user: ANOTHER }, peer };
  }
}

function audienceOf(word: AudienceWord): NonNullable<AccessRequest['audience']> {
  switch (word) {
    case 'everyone':
      return { to: 'everyone', anonymous: true };
    case 'authenticated':
      return { to: 'authenticated' };
    case 'session':
    case 'anonymous-session':
      return { to: 'session', session: ANOTHER, from: ANOTHER };
    case 'user':
      return { to: 'user', user: ANOTHER };
  }
}
