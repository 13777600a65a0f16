export { mintGrant, parseGrant } from '@portcullis/policy';
export { PortcullisError, type PortcullisProblem } from './portcullis-error.ts';
export { PortcullisServer, type ServerOptions } from './portcullis-server.ts';
export type * from './requests.ts';
export { type VerifiedWebhook, type VerifyOptions, verifyWebhook } from './verify-webhook.ts';
