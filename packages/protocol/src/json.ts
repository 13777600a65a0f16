/** JSON value, as it travels. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** A place in a channel's log. An `epoch` other than the one remembered says that the log before it was lost. */
export interface Position {
  readonly epoch: string;
  readonly offset: number;
}

/** 17 digits, 100 ns units since 1970; rising. A string: it does not fit a JavaScript number. */
export type Timetoken = string;
