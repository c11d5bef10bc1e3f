// Drives the gateway's /mcp with the npm client of the protocol as an application would; prints what it saw as one JSON line.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';

const [, , address, key] = process.argv;
const seen = {};

const open = async (sessionId) => {
  const transport = new StreamableHTTPClientTransport(new URL(address), { sessionId, requestInit: { headers: { Authorization: `Bearer ${key}` } } });
  const client = new Client({ name: 'router-gateway-test', version: '1.0.0' });
  await client.connect(transport);
  return { client, transport };
};

const failing = async (work) => {
  try {
    return { result: await work() };
  } catch (e) {
    return { name: e.constructor.name, code: e.code, message: e.message };
  }
};

const { client, transport } = await open();
seen.server = client.getServerVersion().name;
seen.capabilities = Object.keys(client.getServerCapabilities()).sort();

seen.pages = [];
let cursor;
do {
  const page = await client.listTools({ cursor });
  seen.pages.push(page.tools.map((tool) => tool.name));
  cursor = page.nextCursor;
} while (cursor);

seen.called = await client.callTool({ name: 'echo', arguments: { text: 'héllo' } });
seen.failed = await client.callTool({ name: 'fails', arguments: {} });
seen.unknown = await failing(() => client.callTool({ name: 'nothing', arguments: {} }));

seen.progress = [];
await client.callTool({ name: 'steps', arguments: {} }, undefined, { onprogress: (progress) => seen.progress.push(progress) });

const stop = new AbortController();
const slow = failing(() => client.callTool({ name: 'slow', arguments: {} }, undefined, { signal: stop.signal, onprogress: () => stop.abort('enough') }));
seen.cancelled = await slow;

const changed = new Promise((resolve) => client.setNotificationHandler(ToolListChangedNotificationSchema, resolve));
await client.callTool({ name: 'grow', arguments: {} });
seen.changed = (await changed).method;
seen.grown = (await client.callTool({ name: 'grown', arguments: {} })).content[0].text;

const { sessionId } = transport;
await client.close(); // the streams, not the session
const resumed = await open(sessionId);
seen.resumed = (await resumed.client.callTool({ name: 'echo', arguments: { text: 'again' } })).content[0].text;
await resumed.transport.terminateSession();
const ended = await open(sessionId);
seen.ended = await failing(() => ended.client.listTools());
await Promise.all([resumed.client.close(), ended.client.close()]);

console.log(JSON.stringify(seen));
