export { isLoopbackAddress, isPublicAddress } from './addresses.ts';
export { guardedLookup, hostOf, type OutboundPolicy, type ResolveName, unfitTarget } from './guard.ts';
export { createPost, type Post, type Posted, type PostFailure, type PostRequest } from './post.ts';
export { createReach, type Reach } from './reach.ts';
