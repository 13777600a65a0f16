/** Calls that one sample is the mean of: the clock is too coarse for one. */
export const BATCH = 20;
export const SAMPLES = 4_000;

/** Means of batches of calls, in µs, ordered. A batch of one measures single calls, the clock's own time among them. */
export function sample(call, samples = SAMPLES, batch = BATCH) {
  const times = new Float64Array(samples);
  let n = 0;
  for (let i = 0; i < samples; i++) {
    const began = process.hrtime.bigint();
    for (let j = 0; j < batch; j++) call(n++);
    times[i] = Number(process.hrtime.bigint() - began) / batch / 1_000;
  }
  return times.sort();
}

/** Medians are of batches, and so without the clock; the slowest in a hundred is one of single calls, with it. */
export function figuresOf(call, samples = SAMPLES, batch = BATCH) {
  const means = sample(call, samples, batch);
  const singles = batch === 1 ? means : sample(call, samples, 1);
  const at = (times, share) => times[Math.floor(times.length * share)];
  return { p50: at(means, 0.5), p99: at(singles, 0.99) };
}
