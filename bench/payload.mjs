/** 92 bytes of JSON, with the one character that the load programs count. */
export const PAYLOAD = `{"text":"~${'hello world '.repeat(7).slice(0, 80)}"}`;
