// Linking on two servers that share a database: the socket is on one, the callback comes to the other. The published
// SDK in Chromium, against a certified OpenID provider that takes pushed requests alone and revokes a grant whose
// refresh token comes twice.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';

import { launch } from './browser.mjs';
import { eventually, freePort, pause } from './harness.mjs';
import { startHostPage } from './host-page.mjs';
import { startOpenidProvider } from './openid-provider.mjs';
import { LOST, Replicas } from './replicas.mjs';
import { STEP_MS, authorize, consent, overlay } from './windows.mjs';

/** Seconds that access tokens live: one test waits for their end. */
const TOKEN_SECONDS = 6;

/** Sockets wait at one server, answers of providers arrive at the other. */
const route = ({ headers, url }) => (headers.upgrade ? 0 : url.startsWith('/oauth/callback') ? 1 : undefined);

describe('two servers on one PostgreSQL', () => {
  let server;
  let host;
  let browser;
  let openid;
  let folder;

  before(async () => {
    // The provider has to know where answers go before the servers are there.
    const port = await freePort();
    openid = await startOpenidProvider({
      redirectUri: `http://localhost:${port}/oauth/callback`,
      method: 'private_key_jwt',
      pushed: true,
      accessTokenSeconds: TOKEN_SECONDS,
    });
    const { issuer } = openid;
    folder = await overlay({
      openid: `display_name: OpenID
auth_mode: OAUTH2
authorization_url: ${issuer}/auth
pushed_authorization_request_url: ${issuer}/request
token_url: ${issuer}/token
revocation_url: ${issuer}/token/revocation
token_request_auth_method: private_key_jwt
authorization_params:
  prompt: consent
default_scopes: [openid, offline_access]
docs: /guides/openid
proxy:
  base_url: ${issuer}
`,
      machine: `display_name: Machine
auth_mode: OAUTH2_CC
token_url: ${issuer}/token
token_request_auth_method: private_key_jwt
token_params:
  grant_type: client_credentials
credentials:
  client_id:
    type: string
    title: Client ID
    description: Client ID
  client_private_key:
    type: string
    title: Private key
    description: Private key
    secret: true
docs: /guides/machine
proxy:
  base_url: ${issuer}
`,
    });
    [server, host, browser] = await Promise.all([
      Replicas.start({
        port,
        args: [],
        env: { DOVETAIL_CATALOG_DIR: folder, DOVETAIL_EGRESS_ALLOW: '127.0.0.0/8,::1/128' },
        route,
      }),
      startHostPage(),
      launch(),
    ]);
    const credentials = { type: 'OAUTH2', client_id: 'dovetail', client_secret: openid.clientSecret };
    await server.integration('openid', 'openid', { credentials });
    await server.integration('machine', 'machine');
  });
  after(async () => {
    await browser?.close();
    await Promise.all([server?.stop(), host?.stop(), openid?.stop()]);
    await rm(folder, { recursive: true, force: true });
  });

  const read = (id, more = '') => server.api('GET', `/connections/${id}?provider_config_key=openid${more}`);

  /** How an attempt stands at each of the servers. */
  async function standing(token, attempt) {
    const answers = server.servers.map(async ({ url }) => {
      const headers = { authorization: `Bearer ${token}` };
      const answer = await fetch(`${url}/connect/session/attempts/${attempt}`, { headers });
      return (await answer.json()).data;
    });
    return Promise.all(answers);
  }

  /** A browser; `attempts` are the names of its attempts, in turn. */
  async function visitor() {
    const context = await browser.newContext();
    const attempts = [];
    context.on('request', (request) => {
      const url = new URL(request.url());
      if (url.pathname.startsWith('/oauth/connect/')) attempts.push(url.searchParams.get('ws_client_id'));
    });
    return { context, attempts };
  }

  test('an account is linked whose parameters the browser never carried', async () => {
    const { context } = await visitor();
    const carried = [];
    context.on('request', (request) => request.url().startsWith(`${openid.issuer}/auth?`) && carried.push(request.url()));
    const { token } = await server.session();
    const { popup, settled } = await authorize(context, host, server, 'openid', token);
    await consent(popup);
    const { result } = await settled();
    assert.ok(result, JSON.stringify(await settled()));
    assert.deepEqual([...new URL(carried[0]).searchParams.keys()].sort(), ['client_id', 'request_uri']);
    assert.equal(openid.seen.pushed, 1);
    assert.ok(openid.seen.pkce, 'PKCE was required and used');
    await eventually(async () => popup.isClosed(), 'the window closed itself');

    // Many readers of a token that has just ended, at both servers: one of them redeems the refresh token.
    const first = (await read(result.connectionId)).data.credentials.access_token;
    await pause(TOKEN_SECONDS * 1_000);
    const before = openid.seen.refreshes;
    const readers = Array.from({ length: 12 }, () => read(result.connectionId));
    const tokens = new Set((await Promise.all(readers)).map(({ data }) => data.credentials.access_token));
    assert.equal(tokens.size, 1, [...tokens].join(' '));
    assert.ok(!tokens.has(first), 'a new token');
    assert.ok(openid.seen.refreshes >= 1 && openid.seen.refreshes <= before + 1, `${before} ${openid.seen.refreshes}`);
    await Promise.all(Array.from({ length: 8 }, () => read(result.connectionId, '&force_refresh=true')));
    assert.deepEqual(openid.seen.refused, [], 'no refresh token came twice');
    const headers = { 'provider-config-key': 'openid', 'connection-id': result.connectionId };
    const me = await server.api('GET', '/proxy/me', undefined, headers);
    assert.equal(me.data.sub, 'pia', JSON.stringify(me.data));

    const gone = await server.api('DELETE', `/connections/${result.connectionId}?provider_config_key=openid`);
    assert.equal(gone.status, 200);
    await eventually(async () => openid.seen.revocations === 1, 'the provider heard of the deletion');
    await context.close();
  });

  test('a client that acts for itself is linked by its key', async () => {
    const { token } = await server.session();
    const answer = await fetch(`${server.url}/oauth2/auth/machine?connect_session_token=${token}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ client_id: 'dovetail', client_private_key: openid.clientSecret }),
    });
    const body = await answer.json();
    assert.equal(answer.status, 200, JSON.stringify(body));
    const { connectionId } = body;
    const found = await server.api('GET', `/connections/${connectionId}?provider_config_key=machine`);
    assert.ok(found.data.credentials.token, JSON.stringify(found.data));
  });

  test('a window that the person closes rejects, and the next attempt links', async () => {
    const { context } = await visitor();
    const { token } = await server.session();
    const closed = await authorize(context, host, server, 'openid', token, { detectClosedAuthWindow: true });
    await closed.popup.locator('button[type="submit"]').waitFor({ timeout: STEP_MS });
    await closed.popup.close();
    assert.equal((await closed.settled()).type, 'window_closed');
    const again = await authorize(context, host, server, 'openid', token);
    await consent(again.popup);
    assert.ok((await again.settled()).result);
    await context.close();
  });

  test('a provider that cuts its window off still links, in the SDK and in the Connect page', async () => {
    const { context } = await visitor();
    openid.severs = true;
    try {
      const { token } = await server.session({ end_user: { id: 'u' }, allowed_integrations: ['openid'] });
      const { popup, settled } = await authorize(context, host, server, 'openid', token);
      await consent(popup);
      assert.ok((await settled()).result);

      // The Connect page has no socket: it asks, wherever it is sent.
      const page = await context.newPage();
      await page.goto(`${server.url}/connect/?session_token=${token}`);
      const opened = context.waitForEvent('page', { timeout: STEP_MS });
      await page.locator('#connect-submit').click({ timeout: STEP_MS });
      await consent(await opened);
      await page.locator('.tick').waitFor({ timeout: STEP_MS });
    } finally {
      openid.severs = false;
    }
    await context.close();
  });

  test('two tabs of one browser link two accounts at once', async () => {
    const { context } = await visitor();
    const { token } = await server.session();
    const one = await authorize(context, host, server, 'openid', token);
    const two = await authorize(context, host, server, 'openid', token);
    await consent(two.popup);
    await consent(one.popup);
    const ended = await Promise.all([one.settled(), two.settled()]);
    const ids = new Set(ended.map(({ result }) => result?.connectionId));
    assert.ok(ids.size === 2 && !ids.has(undefined), JSON.stringify(ended));
    await context.close();
  });

  test('an outcome outlives its socket and its page, and coming back to it does nothing', async () => {
    const { context, attempts } = await visitor();
    const tag = randomUUID();
    const { token } = await server.session({ tags: { tag } });
    const { popup } = await authorize(context, host, server, 'openid', token);
    await popup.locator('button[type="submit"]').waitFor({ timeout: STEP_MS });
    const [socket] = [...server.tunnels];
    assert.equal(socket.which, 0, 'the socket is at the first server');
    socket.end();
    let answer;
    server.route = (request) => {
      if (!request.url.startsWith('/oauth/callback')) return route(request);
      answer = server.url + request.url;
      return LOST;
    };
    await consent(popup);
    await eventually(async () => answer, 'the answer of the provider', STEP_MS);
    server.route = route;
    const waiting = await standing(token, attempts[0]);
    assert.deepEqual(waiting, [{ status: 'pending' }, { status: 'pending' }]);

    // A tab of the same browser, which nobody closes.
    const tab = await context.newPage();
    await tab.goto(answer);
    await tab.getByRole('heading', { name: 'Account linked' }).waitFor({ timeout: STEP_MS });
    const told = await standing(token, attempts[0]);
    assert.deepEqual(told.map(({ status }) => status), ['success', 'success']);
    await tab.goto(answer);
    await tab.getByRole('heading', { name: 'Account linked' }).waitFor({ timeout: STEP_MS });
    const { connections } = (await server.api('GET', `/connections?tags[tag]=${tag}`)).data;
    assert.deepEqual(connections.map(({ connection_id: id }) => id), [told[0].connectionId]);
    await context.close();
  });
});
