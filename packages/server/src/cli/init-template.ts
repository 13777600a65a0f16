/** A configuration to start from, every secret of which has 256 random bits. */
export function freshConfiguration(app: string, random: (bytes: number) => Uint8Array): string {
  const secret = () => Buffer.from(random(32)).toString('base64url');
  const name = () => Buffer.from(random(12)).toString('hex');
  return `# Portcullis. Every key with its default: docs/configuration.md. Check this file: portcullis check
# Any value may come from the environment instead: \${NAME} inside a string, or PORTCULLIS_SERVER_PORT for server.port.

server:
  host: 127.0.0.1                 # 0.0.0.0 listens on every interface
  port: 7070
  # origins: ["https://app.example.com"]          # web pages that may connect; localhost alone if left out
  # publicUrl: https://realtime.example.com
  # tls: { cert: /etc/ssl/realtime.pem, key: /etc/ssl/realtime.key }
  adminToken: ${secret()}         # bearer token of the management API

data: ./data                      # folder of the embedded store; ":memory:" keeps nothing

apps:
  - id: ${app}
    keys:
      publish: pub-${name()}
      subscribe: sub-${name()}
      secret: ${secret()}         # signs permission tokens; never leaves your servers
    connectionHash: ${name()}     # for clients of the Xano SDK: /rt/<connectionHash>

    # Two gates. rules: what this kind of client may do in a channel. grants: what the client's token allows.
    # A request passes only if every gate that is on lets it pass.
    access: { rules: on, grants: off }

    identity:
      jwt:                        # tokens that prove a user: portcullis token --user anna
        - { alg: HS256, secret: ${secret()} }
        # - { alg: RS256, jwks: "https://id.example.com/.well-known/jwks.json", issuer: "https://id.example.com", audience: realtime }

    # A channel exists while a rule covers its name. Every switch is off unless it is on here.
    channels:
      - target: chatroom/*        # with nested, a final * is one or more characters
        nested: on
        description: Everyone reads, signed-in clients write
        anonymousClients: on      # clients without a token may join
        presence: on              # joined clients see who is here
        publicMessaging: { authenticatedOnly: true }
        history: 100              # messages kept for those who may join
      - target: announcements
        description: Only the server sends, portcullis publish --channel announcements
        anonymousClients: on
`;
}
