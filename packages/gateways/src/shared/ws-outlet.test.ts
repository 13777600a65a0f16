import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { closeFrame, textFrame } from './encode-frame.ts';
import { connectedPair, type Pair, readToEnd, until } from './loopback.fixture.ts';
import { ManualClock } from './manual-clock.fixture.ts';
import { readFrames, readSomeFrames } from './read-frames.fixture.ts';
import type { OutletOwner } from './socket-outlet.ts';
import { WsOutlet } from './ws-outlet.ts';

const ENDING = { code: 'session.kicked', message: 'Out.' } as const;
const FAREWELL = Buffer.concat([textFrame('bye'), closeFrame(4403, 'session.kicked')]);
const BIG = textFrame('x'.repeat(1024 * 1024));

let pair: Pair;
let clock: ManualClock;
let outlet: WsOutlet;
const owner = { farewell: () => FAREWELL, drained: vi.fn(), stopped: vi.fn(), closed: vi.fn() } satisfies OutletOwner;

beforeEach(async () => {
  vi.clearAllMocks();
  pair = await connectedPair();
  clock = new ManualClock();
  outlet = new WsOutlet({ socket: pair.near, clock, owner });
});
afterEach(() => pair.close());

/** Fills the kernel's buffers and then some; the peer does not read. */
function stuff(): void {
  pair.far.pause();
  for (let count = 0; count < 16; count++) outlet.write(BIG);
}

describe('writing', () => {
  it('hands over whole frames in order, gathered or not', async () => {
    outlet.write(textFrame('1'));
    outlet.cork();
    outlet.write(textFrame('2'));
    outlet.pong(Buffer.from('p'));
    outlet.write(textFrame('3'));
    outlet.uncork();
    outlet.end(ENDING);
    const { bytes } = await readToEnd(pair.far);
    expect(
      readFrames(bytes)
        .map(({ opcode, payload }) => [opcode, payload.toString()])
        .slice(0, 5),
    ).toEqual([
      [1, '1'],
      [1, '2'],
      [10, 'p'],
      [1, '3'],
      [1, 'bye'],
    ]);
  });

  it('says what the system has not taken, and when it has', async () => {
    expect(outlet.buffered()).toBe(0);
    stuff();
    expect(outlet.buffered()).toBeGreaterThan(1024 * 1024);
    expect(owner.drained).not.toHaveBeenCalled();
    pair.far.resume();
    await until(() => owner.drained.mock.calls.length > 0, 'it drained');
    expect(outlet.buffered()).toBe(0);
  });

  it('says so below the stream’s high-water mark too', async () => {
    stuff();
    pair.far.resume();
    await until(() => outlet.buffered() === 0, 'it is empty');
    pair.far.pause();
    // Fill the kernel exactly as far as it goes, in pieces below the mark.
    const piece = textFrame('y'.repeat(8_000));
    for (let count = 0; count < 4_000 && outlet.buffered() === 0; count++) outlet.write(piece);
    expect(outlet.buffered()).toBeGreaterThan(0);
    expect(pair.near.writableNeedDrain).toBe(false);
    owner.drained.mockClear();
    pair.far.resume();
    await until(() => owner.drained.mock.calls.length > 0, 'it drained');
  });

  it('says so when gathered writes went out at once', () => {
    outlet.cork();
    outlet.write(textFrame('a'));
    expect(outlet.buffered()).toBeGreaterThan(0);
    outlet.uncork();
    expect(outlet.buffered()).toBe(0);
    expect(owner.drained).toHaveBeenCalledTimes(1);
  });

  it('answers no pings of a peer that does not read', () => {
    stuff();
    const before = outlet.buffered();
    outlet.pong(Buffer.from('again'));
    expect(outlet.buffered()).toBe(before);
  });

  it('does nothing when the connection is lost', async () => {
    pair.far.resetAndDestroy();
    await until(() => pair.near.destroyed, 'the connection is lost');
    outlet.write(textFrame('x'));
    outlet.cork();
    outlet.uncork();
    outlet.end(ENDING);
    expect(clock.alarms).toBe(0);
  });
});

describe('a cut', () => {
  it('says the farewell, and nothing after it', async () => {
    outlet.write(textFrame('before'));
    outlet.end(ENDING);
    outlet.write(textFrame('after'));
    outlet.ping();
    outlet.end(ENDING);
    const { bytes, how } = await readToEnd(pair.far);
    expect(bytes).toEqual(Buffer.concat([textFrame('before'), FAREWELL]));
    expect(how).toBe('closed');
    expect(owner.stopped).toHaveBeenCalledTimes(1);
  });

  it('drops what the peer goes on sending, from that turn on', async () => {
    const heard: Buffer[] = [];
    pair.near.on('data', (bytes: Buffer) => heard.push(bytes));
    pair.far.write('one');
    await until(() => heard.length === 1, 'the first words came');
    pair.far.write('two');
    outlet.end(ENDING);
    pair.far.write('three');
    await readToEnd(pair.far);
    expect(Buffer.concat(heard).toString()).toBe('one');
  });

  it('is over when the peer goes', async () => {
    outlet.end(ENDING);
    await readToEnd(pair.far);
    expect(clock.alarms).toBe(1);
    pair.far.end();
    await once(pair.near, 'close');
    expect(clock.alarms).toBe(0);
  });

  it('resets a peer that never answers, after one second', async () => {
    outlet.end(ENDING);
    await readToEnd(pair.far);
    clock.advance(999);
    expect(pair.near.destroyed).toBe(false);
    clock.advance(1);
    expect(pair.near.destroyed).toBe(true);
    const lost = new Promise<Error>((resolve) => pair.far.once('error', resolve));
    pair.far.write('still here');
    expect(await lost).toMatchObject({ code: expect.stringMatching(/EPIPE|ECONNRESET/) });
  });

  it('resets a peer that has stopped reading; what was not sent is gone', async () => {
    stuff();
    outlet.end(ENDING);
    clock.advance(1_000);
    expect(pair.near.destroyed).toBe(true);
    const { bytes } = await readToEnd(pair.far);
    const { frames } = readSomeFrames(bytes);
    expect(frames.length).toBeLessThan(16);
    expect(frames.every(({ opcode, payload }) => opcode === 1 && payload.length === 1024 * 1024)).toBe(true);
  });

  it('does not let a flood keep it busy', async () => {
    outlet.end(ENDING);
    const flood = Buffer.alloc(1024 * 1024);
    for (let count = 0; count < 16; count++) pair.far.write(flood);
    await until(() => pair.near.isPaused(), 'reading stopped');
    expect(pair.near.bytesRead).toBeLessThan(1024 * 1024);
    clock.advance(1_000);
    expect(pair.near.destroyed).toBe(true);
  });

  it('in the middle of gathered writes says what was gathered first', async () => {
    outlet.cork();
    outlet.write(textFrame('gathered'));
    outlet.end(ENDING);
    outlet.uncork();
    const { bytes } = await readToEnd(pair.far);
    expect(bytes).toEqual(Buffer.concat([textFrame('gathered'), FAREWELL]));
  });
});
