export * from './config/index.ts';
export { type Running, type ServeIo, type ServeOptions, StartRefused, serve } from './serve.ts';
