import type { Browser, Locator, Page } from 'playwright-core';
import { overflowsOf } from './overflow.fixture.ts';

export type Who = 'Guest' | 'Ada' | 'Bo';
export type State = 'offline' | 'joining' | 'inside' | 'outside';

/** How long the page may take to show what happened, in milliseconds. */
const shownWithin = 8000;

/** The playground as a visitor uses it: by what is written and labelled on it. */
export class PlaygroundPage {
  /** Whatever the browser complained about: console errors, failed requests, uncaught exceptions. */
  readonly complaints: string[] = [];
  /** Every address the page asked for. */
  readonly asked: string[] = [];
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('request', (request) => this.asked.push(request.url()));
    page.on('response', (response) => {
      if (response.status() >= 400) this.complaints.push(`${response.status()} ${response.url()}`);
    });
    page.on('websocket', (socket) => this.asked.push(socket.url()));
  }

  static async open(browser: Browser, url: string): Promise<PlaygroundPage> {
    const page = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
    const playground = new PlaygroundPage(page);
    await page.goto(url);
    return playground;
  }

  /** What does not fit at this width, once every transition of the page is over. */
  async overflows(width: number, colorScheme: 'light' | 'dark'): Promise<string[]> {
    await this.#page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await this.#page.setViewportSize({ width, height: 1000 });
    return overflowsOf(this.#page);
  }

  titles(): Promise<string[]> {
    return this.#page.locator('article h2').allTextContents();
  }

  templates(): Promise<string[]> {
    return this.#page.locator('article').evaluateAll((cards) => cards.map((card) => card.id));
  }

  async columns(): Promise<number> {
    await this.#page.locator('article').nth(4).waitFor({ timeout: shownWithin });
    const lefts = await this.#page
      .locator('article')
      .evaluateAll((cards) => cards.map((card) => card.getBoundingClientRect().left));
    return new Set(lefts).size;
  }

  async sees(template: string, who: Who, text: string | RegExp): Promise<string> {
    const log = this.#log(template, who);
    await log.filter({ hasText: text }).waitFor({ timeout: shownWithin });
    return textOf(log);
  }

  /** The code and reason that lie wholly within what the log shows without scrolling. */
  async verdictsInSight(template: string, who: Who): Promise<string[]> {
    const log = await this.#log(template, who).elementHandle();
    if (log === null) throw new Error('no log');
    return log.evaluate((node) => {
      const { top, bottom } = node.getBoundingClientRect();
      return [...node.querySelectorAll('.verdict')].flatMap((verdict) => {
        const box = verdict.getBoundingClientRect();
        return box.top >= top && box.bottom <= bottom ? [verdict.textContent ?? ''] : [];
      });
    });
  }

  reads(template: string, who: Who): Promise<string> {
    return textOf(this.#log(template, who));
  }

  async becomes(template: string, who: Who, state: State): Promise<void> {
    const pane = `#${template} [aria-label^="${who} on "][data-state="${state}"]`;
    await this.#page.locator(pane).waitFor({ timeout: shownWithin });
  }

  /** @param to `everyone`, `signed-in`, or a name of the roster */
  async says(template: string, who: Who, text: string, to = 'everyone'): Promise<void> {
    const pane = this.#pane(template, who);
    const choice = pane.getByRole('combobox');
    await choice.locator('option', { hasText: to }).waitFor({ state: 'attached', timeout: shownWithin });
    await choice.selectOption({ label: to });
    await pane.getByRole('textbox').fill(text);
    await pane.getByRole('textbox').press('Enter');
  }

  async sendsEvent(text: string): Promise<void> {
    const box = this.#page.getByRole('textbox', { name: /^Server event on/ });
    await box.fill(text);
    await box.press('Enter');
  }

  async roster(template: string, text: string | RegExp): Promise<string> {
    const roster = this.#page.locator(`#${template}`).getByRole('group', { name: 'Roster' });
    await roster.filter({ hasText: text }).waitFor({ timeout: shownWithin });
    return textOf(roster);
  }

  async presses(template: string, button: string): Promise<void> {
    await this.#page.locator(`#${template}`).getByRole('button', { name: button, exact: true }).click();
  }

  async reconnects(who: Who): Promise<void> {
    await this.#page.getByRole('button', { name: `Reconnect ${who}`, exact: true }).click();
  }

  lamp(template: string, name: string): Locator {
    return this.#page.locator(`#${template}`).getByRole('switch', { name, exact: true });
  }

  async codeLinks(template: string, who: Who): Promise<(string | null)[]> {
    const links = await this.#log(template, who).locator('a.code').all();
    return Promise.all(links.map((link) => link.getAttribute('href')));
  }

  text(selector: string): Promise<string> {
    return textOf(this.#page.locator(selector));
  }

  close(): Promise<void> {
    return this.#page.close();
  }

  #pane(template: string, who: Who): Locator {
    return this.#page.locator(`#${template} [aria-label^="${who} on "]`);
  }

  #log(template: string, who: Who): Locator {
    return this.#pane(template, who).getByRole('log');
  }
}

async function textOf(place: Locator): Promise<string> {
  return (await place.textContent({ timeout: shownWithin })) ?? '';
}
