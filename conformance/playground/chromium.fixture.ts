import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** A Chromium of this machine; nothing is downloaded. `CHROMIUM` names one elsewhere. */
const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const found = [process.env.CHROMIUM ?? '', ...places].find((path) => path !== '' && existsSync(path));

export const noChromium =
  found === undefined ? 'no Chromium on this machine: apt-get install chromium, or set CHROMIUM' : null;

export function launchChromium(): Promise<Browser> {
  if (found === undefined) throw new Error('no Chromium');
  return chromium.launch({
    executablePath: found,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
