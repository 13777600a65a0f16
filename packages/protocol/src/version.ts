/** The WebSocket sub-protocol. A change that an older client would misread gets a new name. */
export const SUBPROTOCOL = 'portcullis.v1';
