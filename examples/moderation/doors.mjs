// One person at each door: the unmodified SDKs of Xano and PubNub, and our own client.
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { connect } from '@portcullis/client';
import { WebSocket } from 'ws';
import { until } from '../shared/play.mjs';

const require = createRequire(import.meta.url);

/**
 * @typedef {object} Person
 * @property {string[]} heard texts
 * @property {(channel: string) => Promise<{ code: string, message: string } | null>} join `null`: joined
 * @property {(channel: string, text: string) => Promise<void>} say
 * @property {() => void} close
 */

/** @returns {Person} */
export function atNativeDoor({ url, token }) {
  const client = connect({ url, key: 'sub-moderated', getToken: async () => token, WebSocket });
  const heard = [];
  return {
    heard,
    async join(channel) {
      const room = client.channel(channel);
      room.on('message', ({ data }) => heard.push(data.text));
      try {
        await room.join();
        return null;
      } catch ({ code, message }) {
        return { code, message };
      }
    },
    say: async (channel, text) => void (await client.channel(channel).publish({ text })),
    close: () => client.close(),
  };
}

/** The SDK dials port 443 of the host, and keeps one socket for all clients of a process: each person gets a copy of it. */
export function atXanoDoor({ url, token }) {
  const folder = dirname(require.resolve('@xano/js-sdk/package.json')) + sep;
  for (const path of Object.keys(require.cache)) if (path.startsWith(folder)) delete require.cache[path];
  globalThis.WebSocket = class extends WebSocket {
    constructor(address, protocols) {
      super(url.replace(/^http/, 'ws') + new URL(address).pathname, protocols);
      this.on('error', () => {});
    }
  };
  const { XanoNodeClient } = require('@xano/js-sdk');
  const client = new XanoNodeClient({
    instanceBaseUrl: url,
    realtimeConnectionHash: 'moderated',
    realtimeAuthToken: token,
  });
  const heard = [];
  const channels = new Map();
  return {
    heard,
    async join(channel) {
      let answer;
      const opened = client.channel(channel);
      channels.set(channel, opened);
      const take = (frame) => {
        if (frame.action === 'message') heard.push(frame.payload.text ?? frame.payload.data?.text);
        if (frame.options?.channel === channel && ['join', 'error'].includes(frame.action)) answer ??= frame;
      };
      opened.on(take, take);
      await until(() => answer !== undefined, `an answer to the join of ${channel}`);
      return answer.action === 'error' ? answer.payload : null;
    },
    say: async (channel, text) => void channels.get(channel).message({ text }),
    close: () => client.realtimeDisconnect?.(),
  };
}

/** @returns {Person} */
export function atPubNubDoor({ url, token, user }) {
  const PubNub = require('pubnub');
  const client = new PubNub({
    publishKey: 'pub-moderated',
    subscribeKey: 'sub-moderated',
    userId: user,
    origin: new URL(url).host,
    ssl: false,
    restore: false,
  });
  client.setToken(token);
  // The SDK says that access is denied; why, the answer itself says.
  const codeOf = async (channel) => {
    const query = new URLSearchParams({ tt: '0', uuid: user, auth: token });
    const answer = await fetch(`${url}/v2/subscribe/sub-moderated/${encodeURIComponent(channel)}/0?${query}`);
    return answer.headers.get('x-portcullis-code');
  };
  const heard = [];
  return {
    heard,
    async join(channel) {
      let answer;
      client.addListener({
        message: ({ message }) => heard.push(message.text),
        status: ({ category, error }) => {
          if (category === 'PNConnectedCategory') answer = null;
          else if (error) answer = { message: error };
        },
      });
      client.subscribe({ channels: [channel] });
      await until(() => answer !== undefined, `an answer to the subscribe of ${channel}`);
      return answer === null ? null : { ...answer, code: await codeOf(channel) };
    },
    say: async (channel, text) => void (await client.publish({ channel, message: { text } })),
    close: () => client.destroy(),
  };
}
