import type { Json } from '@portcullis/protocol';
import { describe, expectTypeOf, it } from 'vitest';
import type { Channel } from './channel.ts';
import type { NameOf, PayloadOf } from './channel-types.ts';
import type { Client } from './client.ts';

interface Chat {
  readonly text: string;
}
interface Cursor {
  readonly x: number;
  readonly y: number;
}
interface Channels {
  'chatroom/*': Chat;
  board: Cursor;
  'org/*/board': Cursor;
}

// The compiler is the test: `npm test` type-checks what vitest merely runs.
describe('payloads by channel pattern', () => {
  it('are those of the pattern that covers the name', () => {
    expectTypeOf<PayloadOf<Channels, 'chatroom/1'>>().toEqualTypeOf<Chat>();
    expectTypeOf<PayloadOf<Channels, 'board'>>().toEqualTypeOf<Cursor>();
    expectTypeOf<PayloadOf<Channels, 'org/7/board'>>().toEqualTypeOf<Cursor>();
  });

  it('follow a name that is put together', () => {
    const use = (client: Client<Channels>, room: string) => client.channel(`chatroom/${room}`);
    expectTypeOf(use).returns.toEqualTypeOf<Channel<Chat>>();
  });

  it('leave out names that nothing covers', () => {
    expectTypeOf<'elsewhere'>().not.toExtend<NameOf<Channels>>();
    const wrong = (client: Client<Channels>) => {
      // @ts-expect-error no pattern covers it
      client.channel('elsewhere');
      // @ts-expect-error not a Chat
      void client.channel('chatroom/1').publish({ x: 1 });
    };
    expectTypeOf(wrong).toBeFunction();
  });

  it('reach listeners and iterators', () => {
    const use = async (channel: Channel<Chat>) => {
      channel.on('message', ({ data }) => expectTypeOf(data).toEqualTypeOf<Chat>());
      for await (const { data } of channel) expectTypeOf(data).toEqualTypeOf<Chat>();
      expectTypeOf((await channel.history()).messages[0]?.data).toEqualTypeOf<Chat | undefined>();
    };
    expectTypeOf(use).toBeFunction();
  });

  it('are JSON where nothing is declared', () => {
    const use = (client: Client, name: string) => client.channel(name);
    expectTypeOf(use).returns.toEqualTypeOf<Channel<Json>>();
  });
});
