// MCP servers: the published frontend SDK in Chromium links an account of a server made of the official MCP SDK, and
// the official MCP client calls it through the proxy.
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

import { launch } from './browser.mjs';
import { Dovetail } from './harness.mjs';
import { startHostPage } from './host-page.mjs';
import { startMcpServer } from './mcp-server.mjs';
import { authorize, overlay } from './windows.mjs';

describe('a server of the official MCP SDK', () => {
  let mcp;
  let server;
  let host;
  let browser;
  let folder;

  before(async () => {
    mcp = await startMcpServer();
    folder = await overlay({
      joinery: `display_name: Joinery
auth_mode: MCP_OAUTH2
client_registration: dynamic
authorization_url: ${mcp.issuer}/authorize
token_url: ${mcp.issuer}/token
registration_url: ${mcp.issuer}/register
authorization_params:
  resource: ${mcp.url}
default_scopes: ['mcp:tools']
docs: /guides/joinery
proxy:
  base_url: ${mcp.issuer}
`,
      // The catalogue's own takes https addresses alone.
      'any-mcp': `display_name: Any MCP server
auth_mode: MCP_OAUTH2_GENERIC
connection_config:
  mcp_server_url:
    type: string
    title: MCP server URL
    description: Address
docs: /guides/any-mcp
`,
    });
    [server, host, browser] = await Promise.all([
      Dovetail.start({
        args: [],
        env: { DOVETAIL_CATALOG_DIR: folder, DOVETAIL_EGRESS_ALLOW: '127.0.0.0/8,::1/128' },
      }),
      startHostPage(),
      launch(),
    ]);
    await server.integration('joinery', 'joinery');
    await server.integration('any-mcp', 'any-mcp');
  });
  after(async () => {
    await browser?.close();
    await Promise.all([server?.stop(), host?.stop(), mcp?.stop()]);
    await rm(folder, { recursive: true, force: true });
  });

  /** Links an account in a browser; the id of the connection. */
  async function link(key, options) {
    const context = await browser.newContext();
    const { token } = await server.session({
      end_user: { id: 'u' },
      // A client that registers itself has no scopes of the product's: the session names them.
      integrations_config_defaults: { joinery: { connection_config: { oauth_scopes_override: 'mcp:tools' } } },
    });
    const { settled } = await authorize(context, host, server, key, token, options);
    const ended = await settled();
    assert.ok(ended.result, JSON.stringify(ended));
    await context.close();
    return ended.result.connectionId;
  }

  /** What the server's tool says when the official client calls it through the proxy. */
  async function whoami(key, connectionId, more = {}) {
    const headers = {
      authorization: `Bearer ${server.key}`,
      'provider-config-key': key,
      'connection-id': connectionId,
      // What is for the server and not for the proxy.
      'nango-proxy-accept': 'application/json, text/event-stream',
      ...more,
    };
    const client = new Client({ name: 'test', version: '1.0.0' });
    await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/proxy/mcp`), { requestInit: { headers } }));
    const { content } = await client.callTool({ name: 'whoami' });
    await client.close();
    return JSON.parse(content[0].text);
  }

  test('of the catalogue: its client is registered once, its tokens name the server', async () => {
    const id = await link('joinery');
    await link('joinery');
    const [client, another] = mcp.seen.clients;
    assert.equal(another, undefined);
    assert.deepEqual(client.redirect_uris, [`${server.url}/oauth/callback`]);
    assert.equal(client.token_endpoint_auth_method, 'none');
    const caller = await whoami('joinery', id);
    assert.equal(caller.clientId, client.client_id);
    assert.equal(caller.resource, mcp.url);
    assert.deepEqual(caller.scopes, ['mcp:tools']);
  });

  test('of an address: discovered, registered once for all attempts, used', async () => {
    const before = mcp.seen.clients.length;
    const options = { params: { mcp_server_url: mcp.url } };
    const id = await link('any-mcp', options);
    await link('any-mcp', options);
    assert.equal(mcp.seen.clients.length, before + 1);
    assert.deepEqual([...new Set(mcp.seen.resources)], [mcp.url]);
    const caller = await whoami('any-mcp', id, { 'base-url-override': mcp.issuer });
    assert.equal(caller.clientId, mcp.seen.clients.at(-1).client_id);
    const read = await server.api('GET', `/connections/${id}?provider_config_key=any-mcp`);
    assert.equal(read.data.connection_config.mcp_server_url, mcp.url);
    assert.ok(!JSON.stringify(read.data.connection_config).includes('verifier'));
  });

  test('of an address that has none says so in the window', async () => {
    const context = await browser.newContext();
    const { token } = await server.session();
    const params = { mcp_server_url: `${mcp.issuer}/nothing/here` };
    const { settled } = await authorize(context, host, server, 'any-mcp', token, { params });
    const ended = await settled();
    assert.ok(ended.type, JSON.stringify(ended));
    await context.close();
  });
});
