import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a bench wrote, or nothing. */
export function resultOf(name) {
  const file = join(import.meta.dirname, 'results', `${name}.json`);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

const shape = (subscribers, window) => (all) =>
  all?.results.find((row) => row.subscribers === subscribers && row.window === window)?.figures;
const figure = (figures, name) => figures?.find((row) => row.name === name);
/** Ours by theirs, of a run in turns. */
const ratioTo = (subscribers, window, peer) => (all) => figure(shape(subscribers, window)(all), peer)?.ratio;

/** Our whole fan-out with nothing batched, by that of the quickest peer. */
function unbatched(all) {
  const figures = shape(1000, 1)(all) ?? [];
  const ours = figure(figures, 'Portcullis')?.p50;
  const theirs = figures.filter(({ name }) => name !== 'Portcullis').map(({ p50 }) => p50);
  return theirs.length === 0 || ours === undefined ? undefined : ours / Math.min(...theirs);
}

const decision = (name, key) => (all) => all?.rows.find((row) => row.name === name)?.[key];
const WARM = 'nested, 10000 rules, warm';
const verify = (key) => (all) =>
  all && Math.max(...all.rows.filter(({ name }) => name.startsWith('verify a grant')).map((row) => row[key]));
const perMessage = (all, i) => all?.results[i]?.microsecondsPerMessage;

/**
 * What has to be shown, one row each: the bench it is in, what it says, the bound, and how to read the figure.
 * `least`: no less than; `most`: no more than.
 */
export const TARGETS = [
  {
    bench: 'fan-out',
    says: 'deliveries/s, 1 000 subscribers, 128 in flight',
    least: 5e6,
    read: (all) => figure(shape(1000, 128)(all), 'Portcullis')?.deliveriesPerSecond,
  },
  { bench: 'fan-out', says: '… × nats-server', least: 3, read: ratioTo(1000, 128, 'nats-server') },
  { bench: 'fan-out', says: '… × nats-server at 100 subscribers', least: 1.7, read: ratioTo(100, 128, 'nats-server') },
  { bench: 'fan-out', says: '… × Socket.IO', least: 50, read: ratioTo(1000, 128, 'Socket.IO') },
  {
    bench: 'fan-out',
    says: '1 in flight, p50 of the whole fan-out to 1 000, × the quickest peer',
    most: 1.15,
    read: unbatched,
  },
  {
    bench: 'checks',
    says: 'deliveries lost to checks, 1 000 subscribers, %',
    most: 5,
    read: (all) => all && all.results[0].fewer * 100,
  },
  { bench: 'checks', says: '… 100 subscribers, %', most: 5, read: (all) => all && all.results[1].fewer * 100 },
  { bench: 'decide', says: 'decide, 10 000 rules, p50 µs', most: 1, read: decision(WARM, 'p50') },
  { bench: 'decide', says: 'decide, 10 000 rules, p99 µs', most: 10, read: decision(WARM, 'p99') },
  {
    bench: 'decide',
    says: '… × its time with 10 rules',
    most: 2,
    read: (all) => all && decision(WARM, 'p50')(all) / decision('nested, 10 rules, warm', 'p50')(all),
  },
  { bench: 'tokens', says: 'token verification, up to 512 bytes, p99 µs', most: 20, read: verify('p99') },
  {
    bench: 'many-channels',
    says: '10 000 channels × 10 over 10 000 sockets, cost of a message × that of 100 channels',
    most: 2,
    read: (all) => all && perMessage(all, 1) / perMessage(all, 0),
  },
  {
    bench: 'many-channels',
    says: '… with 10 000 rules, × with one',
    most: 1.5,
    read: (all) => all && perMessage(all, 2) / perMessage(all, 1),
  },
  {
    bench: 'idle-connections',
    says: 'KiB resident per idle connection in 5 channels',
    most: 12,
    read: (all) => all && all.results.bytesInFiveChannels / 1024,
  },
  { bench: 'joins', says: 'authorised joins/s on open sockets', least: 20_000, read: (all) => all?.results.perSecond },
  {
    bench: 'revoke',
    says: 'revoke under 20 000 deliveries/s, acknowledged p99 ms',
    most: 50,
    read: (all) => all?.results.p99,
  },
  {
    bench: 'revoke',
    says: '… revoked that got something published after it',
    most: 0,
    read: (all) => all?.results.late,
  },
  {
    bench: 'edits',
    says: 'edit of 50 000 subscriptions, all told, ms',
    most: 1_000,
    read: (all) => all?.results.large.told,
  },
  {
    bench: 'edits',
    says: 'edit of 10 subscriptions, all told, p50 ms',
    most: 5,
    read: (all) => all?.results.small.p50,
  },
  {
    bench: 'triggers',
    says: 'deliveries with a trigger on other channels, × without one',
    least: 0.99,
    read: (all) => all?.results.elsewhere.deliveriesRatio,
  },
  {
    bench: 'triggers',
    says: 'messages/s decided with one CEL step, one core',
    least: 150_000,
    read: (all) => all?.results.cel.perSecond,
  },
  {
    bench: 'triggers',
    says: 'calls/s of one function in one worker',
    least: 20_000,
    read: (all) => all?.results.function.perSecond,
  },
  {
    bench: 'stalled',
    says: '1 % of readers stalled, p99 of the others ×',
    most: 1.1,
    read: (all) => all?.results.ratio,
  },
  { bench: 'durable', says: 'durable publishes/s alone, × SQLite’s own commits', read: (all) => all?.results[0].ratio },
  {
    bench: 'durable',
    says: 'durable publishes/s of 100 publishers, × SQLite’s own commits',
    read: (all) => all?.results[1].ratio,
  },
];

/** Each target with what the latest results say. */
export function standing() {
  return TARGETS.map(({ bench, says, least, most, read }) => {
    const value = read(resultOf(bench));
    const met =
      value === undefined || value === null || (least === undefined && most === undefined)
        ? undefined
        : (least === undefined || value >= least) && (most === undefined || value <= most);
    return { bench, says, least, most, value: value ?? undefined, met };
  });
}
