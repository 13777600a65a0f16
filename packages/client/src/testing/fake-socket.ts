/** What a client takes for a WebSocket. Everything arrives in a later turn, as over a network. */
export class FakeSocket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { readonly data: string }) => void) | null = null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  onText: (text: string) => void = () => {};
  onGone: () => void = () => {};
  #over = false;

  constructor(accept: (socket: FakeSocket) => void) {
    queueMicrotask(() => !this.#over && accept(this));
  }

  send(text: string): void {
    if (!this.#over) queueMicrotask(() => !this.#over && this.onText(text));
  }

  close(): void {
    this.break(1000);
  }

  hear(data: string): void {
    queueMicrotask(() => !this.#over && this.onmessage?.({ data }));
  }

  break(code: number): void {
    // What was said before arrives before.
    queueMicrotask(() => {
      if (this.#over) return;
      this.#over = true;
      this.onGone();
      this.onclose?.({ code, reason: '' });
    });
  }
}
