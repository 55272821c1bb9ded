// An MCP server with OAuth, made of the official SDK's own parts: its authorization routes with dynamic registration,
// its demonstration of a provider, its check of bearer tokens, one tool.
import http from 'node:http';

import { DemoInMemoryAuthProvider } from '@modelcontextprotocol/sdk/examples/server/demoInMemoryOAuthProvider.js';
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js';
import { getOAuthProtectedResourceMetadataUrl, mcpAuthRouter } from '@modelcontextprotocol/sdk/server/auth/router.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import express from 'express';

import { freePort } from './harness.mjs';

/** Starts it; `seen` holds the clients that registered and the resources that tokens were made for. */
export async function startMcpServer() {
  const port = await freePort();
  const issuer = new URL(`http://127.0.0.1:${port}`);
  const url = new URL('/mcp', issuer);
  const seen = { clients: [], resources: [] };
  // It refuses codes that were not asked for with this server as their resource (RFC 8707).
  const provider = new DemoInMemoryAuthProvider((resource) => {
    seen.resources.push(String(resource));
    return String(resource) === url.href;
  });
  const register = provider.clientsStore.registerClient.bind(provider.clientsStore);
  provider.clientsStore.registerClient = (client) => {
    seen.clients.push(client);
    return register(client);
  };
  const app = express();
  app.use(express.json());
  app.use(mcpAuthRouter({ provider, issuerUrl: issuer, resourceServerUrl: url, scopesSupported: ['mcp:tools'] }));
  const guard = requireBearerAuth({
    verifier: provider,
    requiredScopes: ['mcp:tools'],
    resourceMetadataUrl: getOAuthProtectedResourceMetadataUrl(url),
  });
  app.post('/mcp', guard, async (request, response) => {
    const server = new McpServer({ name: 'joinery', version: '1.0.0' });
    server.registerTool('whoami', { description: 'Whose token this is' }, (extra) => ({
      content: [{ type: 'text', text: JSON.stringify(extra.authInfo) }],
    }));
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
    response.on('close', () => transport.close());
    await server.connect(transport);
    await transport.handleRequest(request, response, request.body);
  });
  app.all('/mcp', guard, (request, response) => response.status(405).end());
  const server = http.createServer(app);
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    issuer: issuer.origin,
    url: url.href,
    seen,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
