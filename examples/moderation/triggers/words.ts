export const words: readonly string[] = ['darn', 'heck'];
