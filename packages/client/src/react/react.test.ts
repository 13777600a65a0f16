// @vitest-environment jsdom
import { act, createElement, StrictMode, useState } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import type { Client } from '../client.ts';
import { turn } from '../clock.fixture.ts';
import { TestServer } from '../testing/test-server.ts';
import { createHooks, PortcullisProvider, useChannel, useConnection, useMessages, usePresence } from './index.ts';

const RULES = [
  {
    target: 'chatroom/*',
    anonymousClients: true,
    presence: true,
    publicMessaging: { enabled: true, authenticatedOnly: true },
    history: 100,
  },
  { target: 'quiet', anonymousClients: true, publicMessaging: { enabled: true, authenticatedOnly: false } },
];

let server: TestServer;
let ada: Client;
let place: HTMLElement;
let root: Root;
(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

const settled = () => act(async () => turn());
const shows = () => place.textContent ?? '';
async function show(component: () => unknown, client: Client = ada): Promise<void> {
  const inside = createElement(PortcullisProvider, { client }, createElement(component as () => null));
  await act(async () => root.render(createElement(StrictMode, null, inside)));
  await settled();
}

beforeEach(() => {
  server = new TestServer({ rules: RULES });
  ada = server.connect({ user: 'ada' });
  place = document.createElement('div');
  root = createRoot(place);
});
afterEach(async () => {
  await act(async () => root.unmount());
  ada.close();
});

const Part = () => useChannel('chatroom/1').state;
const Alone = () => useConnection().state;
const Talk = () => {
  const { messages, more } = useMessages<string>('chatroom/1', { page: 2 });
  return `${messages.map(({ data }) => data).join(' ')}${more ? ' …' : ''}`;
};

describe('React', () => {
  it('shows how the connection stands', async () => {
    const bo = server.connect({ user: 'bo' });
    await show(() => {
      const { state, error, self } = useConnection();
      return `${state} ${error?.code ?? '-'} ${self?.user ?? '-'}`;
    }, bo);
    expect(shows()).toBe('connected - bo');
    await act(async () => server.ban('bo'));
    await settled();
    expect(shows()).toBe('closed identity.banned -');
  });

  it('joins for as long as a component is mounted, strict mode or not, and leaves after the last one', async () => {
    let close: (which: string) => void = () => {};
    await show(() => {
      const [shown, setShown] = useState('both');
      close = setShown;
      return [shown !== 'none' && createElement(Part, { key: 1 }), shown === 'both' && createElement(Part, { key: 2 })];
    });
    expect(shows()).toBe('joinedjoined');
    await act(async () => close('one'));
    await settled();
    expect(shows()).toBe('joined');
    await act(async () => close('none'));
    await settled();
    await act(async () => new Promise((resolve) => setTimeout(resolve, 5)));
    expect(ada.channel('chatroom/1').state).toBe('left');
  });

  it('shows why a channel is refused, and why it is lost', async () => {
    await show(() => {
      const [one, two] = [useChannel('chatroom/1'), useChannel('elsewhere')];
      return `${one.state} ${one.error?.code ?? '-'}, ${two.state} ${two.error?.code}`;
    });
    expect(shows()).toBe('joined -, lost channel.no-rule');
    await act(async () => server.setRules([]));
    await settled();
    expect(shows()).toBe('lost channel.no-rule, lost channel.no-rule');
  });

  it('shows who is here, as they come and go', async () => {
    await show(() =>
      usePresence('chatroom/1')
        .map(({ user }) => user)
        .join(' '),
    );
    expect(shows()).toBe('ada');
    const bo = server.connect({ user: 'bo' });
    await act(async () => bo.channel('chatroom/1').join());
    await settled();
    expect(shows()).toBe('ada bo');
    bo.close();
    await settled();
    expect(shows()).toBe('ada');
  });

  it('shows what was said before, what is said, each once, and older pages when asked', async () => {
    const bo = server.connect({ user: 'bo' }).channel('chatroom/1');
    await bo.join();
    for (const text of ['a', 'b', 'c', 'd', 'e']) await bo.publish(text);
    let older: () => Promise<void> = async () => {};
    await show(() => {
      const { messages, more, loadOlder } = useMessages<string>('chatroom/1', { page: 2 });
      older = loadOlder;
      return `${messages.map(({ data }) => data).join(' ')}${more ? ' …' : ''}`;
    });
    expect(shows()).toBe('d e …');
    await act(async () => {
      await bo.publish('f');
    });
    await settled();
    expect(shows()).toBe('d e f …');
    await act(async () => older());
    expect(shows()).toBe('b c d e f …');
    await act(async () => older());
    expect(shows()).toBe('a b c d e f');
  });

  it('shows the history to a component that comes to a channel which others hold already', async () => {
    await ada.channel('chatroom/1').join();
    await ada.channel('chatroom/1').publish('before');
    await show(() => [createElement(Talk, { key: 1 }), createElement(Talk, { key: 2 })]);
    expect(shows()).toBe('beforebefore');
  });

  it('shows an empty conversation where nothing is kept, and goes on with what is said', async () => {
    let say: (text: string) => Promise<unknown> = async () => {};
    await show(() => {
      const { messages, error, publish } = useMessages<string>('quiet');
      say = publish;
      return `${messages.map(({ data }) => data).join(' ')} ${error?.code ?? '-'}`;
    });
    expect(shows()).toBe(' -');
    await act(async () => {
      await say('hello');
    });
    await settled();
    expect(shows()).toBe('hello -');
  });

  it('goes on after the connection broke, with what was missed', async () => {
    const bo = server.connect({ user: 'bo' }, { backoff: { base: 1 } });
    await show(Talk, server.connect({ user: 'ada' }, { backoff: { base: 1 } }));
    await act(async () => {
      server.drop();
      await bo.connected();
      await bo.channel('chatroom/1').join();
      await bo.channel('chatroom/1').publish('missed');
      await turn();
    });
    await expect
      .poll(async () => {
        await settled();
        return shows();
      })
      .toBe('missed');
  });

  it('says what is missing where there is no provider', () => {
    const alone = createRoot(document.createElement('div'));
    expect(() => act(() => alone.render(createElement(Alone)))).toThrow('<PortcullisProvider client={…}>');
  });

  it('knows what travels on the channels that an app declares', () => {
    interface Channels {
      'chatroom/*': { readonly text: string };
    }
    const hooks = createHooks<Channels>();
    const use = () => hooks.useMessages('chatroom/1').messages[0]?.data;
    expectTypeOf(use).returns.toEqualTypeOf<{ readonly text: string } | undefined>();
    // @ts-expect-error no pattern covers it
    const wrong = () => hooks.useChannel('elsewhere');
    expectTypeOf(wrong).toBeFunction();
  });
});
