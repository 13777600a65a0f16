/**
 * Plays an example and ends the process: with `--check` when the story is told, 0 if it held; otherwise on Ctrl-C.
 *
 * @param {(tell: (line: string) => void) => Promise<{ invitation: string, stop: () => Promise<void> | void }>} story
 */
export async function play(story) {
  try {
    const { invitation, stop } = await story((line) => console.log(`✓ ${line}`));
    if (!process.argv.includes('--check')) {
      console.log(`\n${invitation}\nCtrl-C ends it.`);
      await new Promise((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, resolve);
      });
    }
    await stop();
    process.exit(0);
  } catch (error) {
    console.error(`✗ ${error.message}`);
    process.exit(1);
  }
}

/** Resolves when it holds; looks at every turn in which something may have changed. */
export async function until(holds, what, patience = 15_000) {
  const deadline = Date.now() + patience;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
