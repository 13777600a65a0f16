/** The text in bytes of its own: what is cut out of an address keeps the whole of it in memory for as long as it is remembered. */
export const ownText = (text: string): string => Buffer.from(text).toString();
