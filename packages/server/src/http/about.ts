/** What is at `/` where there is no page: what this is, for whoever typed the address, and nothing of what it serves. */
export const ABOUT = `This is Portcullis, a realtime messaging server. It is up, and there is no page here.

Clients connect below /rt/, at /v1/ and at the paths of the PubNub SDKs; operators use the command line
(portcullis --help) or the management API below /admin/v1/. How: README.md and docs/ of Portcullis.
`;
