// One call of Amazon's own client, in a process of its own: the test runner resolves packages as bundlers do, which those packages do not bear.
// node aws-call.mjs <service> <Command> <endpoint> <input as JSON>
const [service, command, endpoint, input] = process.argv.slice(2);
const sdk = await import(`@aws-sdk/client-${service}`);
const Client = sdk[Object.keys(sdk).find((name) => /^(?:SQS|Kinesis|S3)Client$/.test(name))];
// Without TLS the stand-in speaks HTTP/1 only.
const { NodeHttpHandler } = await import('@smithy/node-http-handler');
const client = new Client({
  requestHandler: new NodeHttpHandler(),
  region: 'eu-west-1',
  endpoint,
  forcePathStyle: true,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test-secret' },
});
const { $metadata: _, Body, ...answer } = await client.send(new sdk[`${command}Command`](JSON.parse(input)));
const text = Body === undefined ? {} : { Body: await Body.transformToString() };
console.log(JSON.stringify({ ...answer, ...text }));
client.destroy();
