/** Who gets to see a code: `client` in answers to clients, `operator` in explanations, logs, metrics and the management API. */
export type SeenBy = 'client' | 'operator' | 'both';

export interface CodeRow {
  readonly meaning: string;
  readonly seenBy: SeenBy;
  /** The nearest change that would make the request pass. */
  readonly fix: string;
  /** HTTP status where the answer is an HTTP answer. */
  readonly http: number;
  /** What a client is told beside the code. Never says more than the code does. */
  readonly sentence: string;
}

const row = (http: number, seenBy: SeenBy, sentence: string, meaning: string, fix: string): CodeRow => ({
  meaning,
  seenBy,
  fix,
  http,
  sentence,
});

const limit = (http: number, name: string, sentence: string, meaning: string): CodeRow =>
  row(http, 'both', sentence, meaning, `Stay below the limit, or raise \`limits.${name}\`.`);

/** A limit of the PubNub door: a key of the app's `pubnub` section. */
const pubnub = (http: number, name: string, sentence: string, meaning: string): CodeRow =>
  row(http, 'both', sentence, meaning, `Stay below the limit, or raise \`pubnub.${name}\`.`);

/** Every code there is, versioned as API: rows are added, never renamed. `docs/codes.md` is written from it. */
export const CODES = {
  'app.unknown-key': row(
    400,
    'both',
    'Unknown key or connection hash.',
    'No app has this publish key, subscribe key or connection hash.',
    'Copy the key or hash from the app it belongs to; keys of one app are not valid in another.',
  ),
  'app.disabled': row(
    403,
    'both',
    'This app is disabled.',
    'The app exists and its operator switched it off.',
    'Set `enabled: true` on the app.',
  ),

  'identity.malformed': row(
    400,
    'both',
    'The token is malformed.',
    'The token is none that this app could have issued: not decodable, not canonical, of an unknown kind, or with claims of the wrong type.',
    'Send the token exactly as it was issued; `portcullis parse` shows what is wrong with it.',
  ),
  'identity.bad-signature': row(
    403,
    'both',
    'The token’s signature does not verify.',
    'No active key of this app verifies the token.',
    'Issue the token with a key of this app, and with the algorithm configured for that key.',
  ),
  'identity.expired': row(
    403,
    'both',
    'The token is expired.',
    'One of the proofs that the request carries no longer holds.',
    'Get a new token and connect again, or swap it on the live session.',
  ),
  'identity.not-yet-valid': row(
    403,
    'both',
    'The token is not valid yet.',
    'The token’s `nbf` or `iat` lies more than 5 s ahead of this server’s clock.',
    'Wait until it is valid, or set the clocks of issuer and server right.',
  ),
  'identity.wrong-audience': row(
    403,
    'both',
    'The token was issued for another purpose.',
    'The token is genuine, but its `iss` or `aud` is not what the key that verifies it is configured with.',
    'Issue the token with that issuer and audience, or correct `issuer` and `audience` of the key.',
  ),
  'identity.revoked': row(
    403,
    'both',
    'The token is revoked.',
    'A revocation covers one of the proofs: by token, user, user and channel, key, JWT id, or time of issue.',
    'Issue a new token, or delete the revocation.',
  ),
  'identity.banned': row(
    403,
    'both',
    'You are banned.',
    'A ban of this user is in force, everywhere or on this channel.',
    'Lift the ban, or wait until it ends.',
  ),
  'identity.held-off': row(
    403,
    'both',
    'You were removed and may come back later.',
    'A kick or an unsubscribe left a hold that has not ended.',
    'Wait until `heldUntil`, or lift the hold.',
  ),
  'identity.user-mismatch': row(
    403,
    'both',
    'The proofs name different users.',
    'The user id stated, the JWT and the permission token’s `authorized_uuid` are not one user.',
    'Use the user id that the token was issued to.',
  ),
  'identity.bad-timestamp': row(
    400,
    'both',
    'The timestamp is not current.',
    'A signed request has no timestamp, or one too far from this server’s clock.',
    'Set the clocks right, or widen `pubnub.signatureWindow`.',
  ),
  'identity.replayed': row(
    403,
    'both',
    'This signature was used already.',
    'A signed grant, revocation or deletion came a second time.',
    'Sign every request anew.',
  ),
  'identity.keys-unavailable': row(
    503,
    'both',
    'The token cannot be verified right now.',
    'The key set the token needs could not be fetched.',
    'Make the app’s JWKS address reachable; clients come back by themselves.',
  ),

  'channel.bad-name': row(
    400,
    'both',
    'This is no valid channel name.',
    'A name is 1–255 bytes of NFC text without control or format characters, `,` or `*`, and does not end in `-pnpres`.',
    'Rename the channel.',
  ),
  'channel.no-rule': row(
    403,
    'both',
    'There is no such channel.',
    'No enabled rule matches the name.',
    'Add a rule whose target matches, or enable the one that does.',
  ),
  'channel.anonymous-not-allowed': row(
    403,
    'both',
    'Anonymous clients cannot join this channel.',
    'The rule that applies does not admit anonymous clients.',
    'Sign in, or switch on `anonymousClients` in the rule.',
  ),
  'channel.presence-off': row(
    403,
    'both',
    'Presence is off on this channel.',
    'The rule that applies does not offer presence.',
    'Switch on `presence` in the rule.',
  ),
  'channel.public-messaging-off': row(
    403,
    'both',
    'Clients cannot send to everyone on this channel.',
    'The rule that applies does not let clients send to everyone.',
    'Switch on `publicMessaging` in the rule.',
  ),
  'channel.public-messaging-authenticated-only': row(
    403,
    'both',
    'Only authenticated clients can send to everyone on this channel.',
    'The rule lets only authenticated clients send to everyone.',
    'Sign in, or switch off `publicMessaging.authenticatedOnly` in the rule.',
  ),
  'channel.authenticated-messaging-off': row(
    403,
    'both',
    'Clients cannot send to the authenticated on this channel.',
    'The rule does not let this client send to the authenticated: the switch is off, or the sender is anonymous.',
    'Switch on `authenticatedMessaging` in the rule, and sign in: anonymous clients never can.',
  ),
  'channel.private-messaging-off': row(
    403,
    'both',
    'Private messages are off on this channel.',
    'The rule that applies does not offer private messages.',
    'Switch on `privateMessaging` in the rule.',
  ),
  'channel.private-messaging-authenticated-only': row(
    403,
    'both',
    'Private messages on this channel are between authenticated clients.',
    'The rule wants both ends of a private message authenticated, and one is not.',
    'Sign in on both ends, or switch off `privateMessaging.authenticatedOnly` in the rule.',
  ),
  'channel.history-off': row(
    403,
    'both',
    'This channel keeps no history.',
    'The rule that applies has `history: 0`.',
    'Set `history` in the rule.',
  ),
  'channel.not-joined': row(
    403,
    'both',
    'Join the channel first.',
    'The session is not joined to the channel.',
    'Join the channel and wait for the acknowledgement.',
  ),
  'channel.peer-not-present': row(
    404,
    'both',
    'The recipient is not present on this channel.',
    'The session or user is unknown, not joined to this channel, or the sender itself; which of them is not told.',
    'Send to a session or user that is joined to the channel.',
  ),
  'channel.not-available': row(
    403,
    'client',
    'This channel is not available to you.',
    'The client is not admitted to the channel. With `explainToClients: short` it is not told more.',
    'Run `portcullis explain`, or set `access.explainToClients: full` while developing.',
  ),
  'channel.not-addressed': row(
    403,
    'operator',
    'This was not addressed to you.',
    'The item was published to an audience that the reader is not part of.',
    'Nothing to do: an item keeps the audience it was published to.',
  ),

  'operation.server-only': row(
    403,
    'both',
    'Only servers can do this here.',
    'The operation has no switch in a rule, and this app hands out no grants; or it is a server’s by nature.',
    'Make the call from your backend with the secret key or an API key, or switch `access.grants` on.',
  ),
  'operation.not-enabled': row(
    403,
    'both',
    'This feature is off.',
    'The app does not offer this operation.',
    'Switch the feature on under `features` of the app.',
  ),
  'operation.not-own': row(
    403,
    'both',
    'Only the user itself can change this.',
    'State and reactions are changed by the user they belong to, or by a server.',
    'Ask for your own, or make the call from your backend.',
  ),

  'grant.none': row(
    403,
    'both',
    'A permission token is required.',
    'The app has grants on and the request carries no permission token.',
    'Get a grant from your backend and send it with the request.',
  ),
  'grant.not-covered': row(
    403,
    'both',
    'The permission token does not cover this name.',
    'Neither a resource nor a pattern of the grant covers the name.',
    'Grant the name, or a pattern that matches the whole of it.',
  ),
  'grant.missing-permission': row(
    403,
    'both',
    'The permission token lacks the permission.',
    'The grant covers the name without the permission that the operation needs.',
    'Grant that permission on the name.',
  ),
  'grant.invalid': row(
    400,
    'operator',
    'The grant was refused.',
    'What was to be granted is not well-formed: ttl, permission, name, pattern or meta.',
    'Correct the field that the answer names.',
  ),

  'trigger.blocked': row(
    403,
    'both',
    'This was blocked.',
    'A trigger of the rule said no.',
    'See the trigger’s reason in the event log.',
  ),
  'trigger.failed': row(
    503,
    'both',
    'This could not be checked.',
    'A trigger of the rule failed or took too long, and `onError` is `block`.',
    'Repair the trigger, or set `onError: pass` on the step.',
  ),
  'trigger.invalid': row(
    400,
    'operator',
    'The trigger is not valid.',
    'A field of the trigger is missing, unknown or out of range, or an expression in it cannot be read.',
    'Correct the field that the answer names.',
  ),
  'trigger.read-only': row(
    409,
    'operator',
    'This trigger comes from the file.',
    'Triggers given in the configuration file cannot be changed in the API or console.',
    'Edit the file and reload.',
  ),
  'trigger.stale': row(
    503,
    'both',
    'Try again.',
    'Rules kept changing while triggers ran, so no answer could be relied on.',
    'Send the request again.',
  ),

  'trigger.channel-not-named': row(
    403,
    'operator',
    'This was not published.',
    'A trigger wants to publish in a channel that its configuration does not name.',
    'Name the channel under `publishes` of the trigger.',
  ),

  'request.malformed': row(
    400,
    'both',
    'The request is malformed.',
    'The request or frame is not what the protocol says.',
    'Compare it with the protocol’s page.',
  ),
  'request.unknown-action': row(
    400,
    'both',
    'Unknown action.',
    'The action of the frame is none that clients can ask for.',
    'Use one of the documented actions.',
  ),
  'request.binary': row(
    400,
    'both',
    'Binary frames are not accepted.',
    'A binary WebSocket frame arrived on a door that speaks text.',
    'Send text frames.',
  ),

  'request.conflict': row(
    409,
    'both',
    'Something else is there than the request expects.',
    'What is to be added is there already, or what is to be changed was changed since it was read.',
    'Read it again, and decide anew.',
  ),
  'request.origin-not-allowed': row(
    403,
    'both',
    'Pages of this origin may not connect.',
    'The `Origin` header names a page that is not on the allow-list.',
    'Add the origin to `server.origins`, or set `server.publicUrl`.',
  ),
  'request.host-not-allowed': row(
    421,
    'operator',
    'This server does not answer to that host name.',
    'The `Host` header of a management call names neither an address nor a name this server knows as its own.',
    'Set `server.publicUrl`, or call the server by its address.',
  ),
  'request.method-not-allowed': row(
    405,
    'both',
    'This method is not allowed here.',
    'The path exists, the method does not.',
    'Use one of the methods that the `Allow` header names.',
  ),
  'request.upgrade-required': row(
    426,
    'both',
    'This address speaks WebSocket.',
    'A plain HTTP request reached an address that takes WebSocket upgrades alone.',
    'Connect with a WebSocket client.',
  ),
  'request.timeout': row(
    408,
    'both',
    'The request took too long to arrive.',
    'Headers or body did not arrive in time.',
    'Send the request again.',
  ),

  'session.kicked': row(
    403,
    'both',
    'You were removed.',
    'An operator ended the session.',
    'Connect again; a hold may keep the user out for a while.',
  ),
  'session.closed': row(
    409,
    'both',
    'The connection is closed.',
    'The connection ended before the command could take effect.',
    'Connect again.',
  ),
  'session.restarting': row(
    503,
    'both',
    'The server is restarting.',
    'The server is draining its connections.',
    'Connect again; clients do so by themselves.',
  ),

  'store.unavailable': row(
    503,
    'both',
    'The server cannot store this right now.',
    'The store did not answer, so nothing was acknowledged.',
    'Bring the store back; clients may send again.',
  ),
  'store.full': row(
    507,
    'both',
    'The server cannot store this right now.',
    'The store has no room left.',
    'Free space; delivery of what needs no storage goes on.',
  ),

  'server.not-ready': row(
    503,
    'both',
    'The server is not ready.',
    'The server is starting, draining, or has lost its store.',
    'Try again; `/readyz` says when.',
  ),
  'server.fault': row(
    500,
    'both',
    'Something went wrong here.',
    'A fault of the server, which its log describes.',
    'Look for `http.fault` in the log.',
  ),

  'app.invalid': row(
    400,
    'operator',
    'The app is not valid.',
    'A setting of the app is missing, unknown or out of range.',
    'Correct the fields that the answer names.',
  ),
  'app.conflict': row(
    409,
    'operator',
    'There is already such an app.',
    'Another app has this id, or one of these keys or this connection hash.',
    'Choose another id, key or hash.',
  ),
  'app.read-only': row(
    409,
    'operator',
    'This app comes from the file.',
    'Apps given in the configuration file cannot be changed in the API or console.',
    'Edit the file and reload.',
  ),
  'rule.conflict': row(
    409,
    'operator',
    'There is already such a rule.',
    'Another enabled rule has the same target and the same `nested`.',
    'Edit or disable the other rule.',
  ),
  'rule.read-only': row(
    409,
    'operator',
    'This rule comes from the file.',
    'Rules given in the configuration file cannot be changed in the API or console.',
    'Edit the file and reload.',
  ),
  'rule.invalid': row(
    400,
    'operator',
    'The rule is not valid.',
    'A field of the rule is missing, unknown or out of range.',
    'Correct the field that the answer names.',
  ),
  'not-found': row(
    404,
    'both',
    'Not found.',
    'There is nothing of this name or id that the asker may know of.',
    'Check the path and the id.',
  ),
  'admin.unauthorised': row(
    401,
    'operator',
    'A valid admin token or API key is required.',
    'The management API was called without a token that it knows.',
    'Send `Authorization: Bearer` with the admin token or an API key.',
  ),
  'admin.forbidden': row(
    403,
    'operator',
    'This key lacks the scope.',
    'The API key is valid and has not the scope that the call needs.',
    'Use a key with that scope.',
  ),

  'limit.message': limit(413, 'message', 'The message is too large.', 'A payload has more bytes than allowed.'),
  'limit.triggerHops': limit(
    403,
    'triggerHops',
    'Triggers set off too many triggers.',
    'What triggers publish sets off triggers again, more often than `limits.triggerHops` in a row.',
  ),
  'limit.messageDepth': limit(
    400,
    'messageDepth',
    'The message is nested too deeply.',
    'A payload’s JSON is nested deeper than allowed.',
  ),
  'limit.meta': limit(
    413,
    'meta',
    'The meta is too large.',
    'What is said beside a payload has more bytes than allowed.',
  ),
  'limit.frame': limit(
    413,
    'frame',
    'The frame is too large.',
    'A frame of a native client has more bytes than allowed.',
  ),
  'limit.commandsPerFrame': limit(
    400,
    'commandsPerFrame',
    'Too many messages in one frame.',
    'A frame of a native client holds more messages than allowed.',
  ),
  'limit.channelsPerStream': limit(
    400,
    'channelsPerStream',
    'Too many channels in one stream.',
    'An event stream names more channels than allowed.',
  ),
  'limit.channelName': limit(
    400,
    'channelName',
    'The channel name is too long.',
    'A channel name has more bytes than allowed.',
  ),
  'limit.channelsPerConnection': limit(
    429,
    'channelsPerConnection',
    'Too many channels on one connection.',
    'A connection joined as many channels as it may.',
  ),
  'limit.sendBuffer': limit(
    429,
    'sendBuffer',
    'The connection reads too slowly.',
    'More bytes waited for a slow reader than allowed, so it was cut. It may resume from its position.',
  ),
  'limit.joinTimeout': limit(
    408,
    'joinTimeout',
    'No channel was joined in time.',
    'A connection stayed in no channel for too long.',
  ),
  'limit.beforeJoin': limit(
    429,
    'beforeJoin',
    'Too much was sent before a channel was joined.',
    'A connection sent more bytes than allowed before it joined its first channel.',
  ),
  'limit.pendingCommands': limit(
    429,
    'pendingCommands',
    'Too many commands at once.',
    'More commands of one connection waited for an answer than allowed.',
  ),
  'limit.extras': limit(413, 'extras', 'The extras are too large.', 'A token’s extras have more bytes than allowed.'),
  'limit.connections': limit(503, 'connections', 'Too many connections.', 'The server holds as many as it may.'),
  'limit.ratePerConnection': limit(
    429,
    'ratePerConnection',
    'Too many requests.',
    'One connection sent more commands a second than allowed.',
  ),
  'limit.ratePerUser': limit(
    429,
    'ratePerUser',
    'Too many requests.',
    'One user sent more commands a second than allowed.',
  ),
  'limit.ratePerChannel': limit(
    429,
    'ratePerChannel',
    'Too many messages on this channel.',
    'One channel got more messages a second than allowed.',
  ),
  'limit.ratePerApp': limit(
    429,
    'ratePerApp',
    'Too many requests.',
    'One app got more commands a second than allowed.',
  ),
  'limit.ratePerAddress': limit(
    429,
    'ratePerAddress',
    'Too many requests.',
    'One address sent more requests a second than allowed.',
  ),
  'limit.historyChannels': limit(
    429,
    'historyChannels',
    'Too many new channels.',
    'More new channels with history were asked for than allowed.',
  ),
  'limit.maxHeader': row(
    431,
    'both',
    'The request’s address and headers are too large.',
    'Request line and headers together have more bytes than allowed.',
    'Stay below the limit, or raise `server.maxHeader`.',
  ),
  'limit.maxBody': row(
    413,
    'both',
    'The request’s body is too large.',
    'The body has more bytes than allowed.',
    'Stay below the limit, or raise `server.maxBody`.',
  ),
  'limit.maxUrl': pubnub(
    414,
    'maxUrl',
    'The request’s address is too long.',
    'The request line has more bytes than allowed.',
  ),
  'limit.bodyEnvelope': pubnub(
    413,
    'bodyEnvelope',
    'The request’s body is too large.',
    'The body, inflated, has more bytes than `limits.message` and `pubnub.bodyEnvelope` together.',
  ),
  'limit.rememberedSignatures': pubnub(
    403,
    'rememberedSignatures',
    'Too many signed changes at once.',
    'More grants, revocations and deletions were signed in the window than can be remembered to tell repeats by.',
  ),
  'limit.channelsPerCall': pubnub(
    400,
    'channelsPerCall',
    'Too many channels.',
    'One call names more channels than allowed.',
  ),
  'limit.groupsPerCall': pubnub(
    400,
    'groupsPerCall',
    'Too many channel groups.',
    'One call names more groups than allowed.',
  ),
  'limit.channelsPerGroup': pubnub(
    400,
    'channelsPerGroup',
    'The channel group is full.',
    'A group would hold more channels than allowed.',
  ),
  'limit.historyChannelsPerCall': pubnub(
    400,
    'historyChannelsPerCall',
    'Too many channels.',
    'One call asks for the history of more channels than allowed.',
  ),
  'limit.wildcardDots': pubnub(
    400,
    'wildcardDots',
    'The wildcard has too many dots.',
    'A wildcard name has more dots than the app allows: with 2 there are `a.*` and `a.b.*`.',
  ),
  'limit.signal': pubnub(400, 'signal', 'The signal is too large.', 'A signal’s payload has more bytes than allowed.'),
  'limit.filterLength': pubnub(
    400,
    'filterLength',
    'The filter is too long.',
    'A filter has more characters than allowed.',
  ),
  'limit.filterTerms': pubnub(
    400,
    'filterTerms',
    'The filter is too complex.',
    'A filter has more operators or levels than allowed.',
  ),
  'limit.state': pubnub(
    400,
    'state',
    'The state is too large.',
    'A user’s state on a channel has more bytes than allowed.',
  ),
  'limit.reactionType': pubnub(
    400,
    'reactionType',
    'The reaction’s type is too long.',
    'A reaction’s type has more characters than allowed.',
  ),
  'limit.reactionValue': pubnub(
    400,
    'reactionValue',
    'The reaction’s value is too long.',
    'A reaction’s value has more characters than allowed.',
  ),
  'limit.reactionsPerMessage': pubnub(
    400,
    'reactionsPerMessage',
    'The message has too many reactions.',
    'A message would have more reactions than allowed.',
  ),
  'limit.rateReactions': pubnub(
    429,
    'rateReactions',
    'Too many reactions in a short time.',
    'One user adds and removes reactions faster than allowed.',
  ),
  'limit.rateObjects': pubnub(
    429,
    'rateObjects',
    'Too many changes in a short time.',
    'One user changes metadata and memberships faster than allowed.',
  ),
  'limit.objectText': pubnub(
    400,
    'objectText',
    'A field is too long.',
    'A text of a user’s or channel’s metadata has more bytes than allowed.',
  ),
  'limit.objectCustom': pubnub(
    400,
    'objectCustom',
    'The custom fields are too large.',
    'The custom fields of metadata have more bytes than allowed.',
  ),
  'limit.membershipsPerUser': pubnub(
    400,
    'membershipsPerUser',
    'Too many memberships.',
    'A user would have more memberships than allowed.',
  ),
  'limit.fileSize': pubnub(413, 'fileSize', 'The file is too large.', 'A file has more bytes than allowed.'),
  'limit.filesPerApp': pubnub(
    400,
    'filesPerApp',
    'There are too many files.',
    'The app has as many files, and upload forms given out, as allowed.',
  ),
  'limit.filesBytes': pubnub(
    400,
    'filesBytes',
    'The files are too large together.',
    'The app’s files would have more bytes together than allowed.',
  ),
  'limit.fileName': pubnub(
    400,
    'fileName',
    'The file’s name is too long.',
    'A file’s name has more bytes than allowed.',
  ),
} as const satisfies Record<string, CodeRow>;

/** What a denial or an error is called: stable, and the same on every door. */
export type Code = keyof typeof CODES;

export function isCode(text: string): text is Code {
  return Object.hasOwn(CODES, text);
}
