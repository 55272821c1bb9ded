// Linking in a window of the provider: the published frontend SDK in Chromium against the simulator, and against a
// certified OpenID provider.
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';

import { launch } from './browser.mjs';
import { Dovetail, eventually, freePort } from './harness.mjs';
import { startHostPage } from './host-page.mjs';
import { startOpenidProvider } from './openid-provider.mjs';
import { STEP_MS, authorize, consent, overlay } from './windows.mjs';

describe('a window of a simulated provider', () => {
  let server;
  let host;
  let browser;
  let folder;

  before(async () => {
    folder = await overlay({
      kit: `display_name: Kit
auth_mode: OAUTH2
authorization_url: https://auth.kit.test/authorize
token_url: https://auth.kit.test/token
docs: /guides/kit
default_scopes: [read]
proxy:
  base_url: https://api.kit.test
`,
    });
    [server, host, browser] = await Promise.all([
      Dovetail.start({ env: { DOVETAIL_CATALOG_DIR: folder } }),
      startHostPage(),
      launch(),
    ]);
    const credentials = { type: 'OAUTH2', client_id: 'c', client_secret: 's' };
    await server.integration('kit', 'kit', { credentials });
  });
  after(async () => {
    await browser?.close();
    await Promise.all([server?.stop(), host?.stop()]);
    await rm(folder, { recursive: true, force: true });
  });

  test('nango.auth() resolves with the connection, whose token the provider accepts', async () => {
    const context = await browser.newContext();
    const { token } = await server.session();
    const { popup, settled } = await authorize(context, host, server, 'kit', token);
    await popup.locator('#allow').click({ timeout: STEP_MS });
    const { result } = await settled();
    assert.equal(result.providerConfigKey, 'kit');
    assert.equal(result.isPending, false);
    const headers = { 'provider-config-key': 'kit', 'connection-id': result.connectionId };
    const echo = await server.api('GET', '/proxy/me', undefined, headers);
    assert.equal(echo.status, 200, JSON.stringify(echo.data));
    assert.match(echo.data.headers.authorization, /^Bearer demo-access-token/);
    await eventually(async () => popup.isClosed(), 'the window closed itself');
    await context.close();
  });

  test('a denial rejects with the words of the provider, in window and page', async () => {
    const context = await browser.newContext();
    const { token } = await server.session();
    const { popup, settled } = await authorize(context, host, server, 'kit', token);
    await popup.locator('#deny').click({ timeout: STEP_MS });
    const { type, message } = await settled();
    assert.equal(type, 'callback_err');
    assert.match(message, /access_denied/);
    await context.close();
  });

  test('a stranger’s session reaches the page through the socket', async () => {
    const context = await browser.newContext();
    const unknown = `nango_connect_session_${'0'.repeat(64)}`;
    const { settled } = await authorize(context, host, server, 'kit', unknown);
    assert.equal((await settled()).type, 'unknown_connect_session_token');
    await context.close();
  });

  test('the Connect page links through the window, tells the host, and survives a closed window', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(host.origin);
    await page.waitForFunction(() => window.loaded);
    const { token } = await server.session({ end_user: { id: 'u1' }, allowed_integrations: ['kit'] });
    await page.evaluate(
      ({ url, token }) => {
        window.events = [];
        new window.Nango({ host: url }).openConnectUI({
          baseURL: `${url}/connect`,
          apiURL: url,
          sessionToken: token,
          onEvent: (event) => window.events.push(event),
        });
      },
      { url: server.url, token },
    );
    const frame = page.frameLocator('#connect-ui');
    const submit = frame.locator('#connect-submit');
    await submit.waitFor({ timeout: STEP_MS });

    let opened = context.waitForEvent('page', { timeout: STEP_MS });
    await submit.click();
    await (await opened).close();
    await frame.locator('.notice').waitFor({ timeout: STEP_MS });

    opened = context.waitForEvent('page', { timeout: STEP_MS });
    await submit.click();
    const popup = await opened;
    await popup.locator('#allow').click({ timeout: STEP_MS });
    const events = () => page.evaluate(() => window.events);
    await eventually(async () => (await events()).some((event) => event.type === 'connect'), 'connect', STEP_MS);
    const { payload } = (await events()).find((event) => event.type === 'connect');
    assert.equal(payload.providerConfigKey, 'kit');
    const read = await server.api('GET', `/connections/${payload.connectionId}?provider_config_key=kit`);
    assert.equal(read.data.credentials.type, 'OAUTH2');
    await context.close();
  });
});

describe('the Connect page without windows', () => {
  let server;
  let browser;
  let folder;

  before(async () => {
    folder = await overlay({
      kit: `display_name: Kit
auth_mode: OAUTH2
authorization_url: https://auth.kit.test/authorize
token_url: https://auth.kit.test/token
docs: /guides/kit
proxy:
  base_url: https://api.kit.test
`,
    });
    [server, browser] = await Promise.all([Dovetail.start({ env: { DOVETAIL_CATALOG_DIR: folder } }), launch()]);
    const credentials = { type: 'OAUTH2', client_id: 'c', client_secret: 's' };
    await server.integration('kit', 'kit', { credentials });
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** A phone's browser on the link of a fresh session. */
  async function phone(options = '') {
    const context = await browser.newContext({ viewport: { width: 390, height: 800 }, hasTouch: true, isMobile: true });
    const page = await context.newPage();
    page.setDefaultTimeout(STEP_MS);
    const tag = `t${Math.trunc(performance.now())}`;
    const { connect_link: link } = await server.session({ tags: { tag }, allowed_integrations: ['kit'] });
    const linked = async () => (await server.api('GET', `/connections?tags[tag]=${tag}`)).data.connections.length;
    return { context, page, link: link + options, linked };
  }

  test('goes to the provider as a whole, comes back with a denial, then with the account', async () => {
    const { context, page, link, linked } = await phone('&redirect=true&lang=de');
    await page.goto(link);
    await page.locator('#connect-submit').click();
    await page.locator('#deny').click();
    await page.getByRole('alert').filter({ hasText: 'access_denied' }).waitFor();
    assert.equal(page.url(), `${server.url}/connect/?redirect=true&lang=de`);
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'de');
    await page.locator('#connect-submit').click();
    await page.locator('#allow').click();
    await page.getByRole('heading', { name: /Kit/ }).waitFor();
    await page.locator('.tick').waitFor();
    assert.equal(await linked(), 1);
    assert.equal(context.pages().length, 1, 'no window was opened');
    await context.close();
  });

  test('does so too when the browser blocks the window', async () => {
    const { context, page, link, linked } = await phone();
    await page.addInitScript(() => (window.open = () => null));
    await page.goto(link);
    await page.locator('#connect-submit').click();
    await page.locator('#allow').click();
    await page.locator('.tick').waitFor();
    assert.equal(await linked(), 1);
    await context.close();
  });

  test('survives the button Back, and an answer brought to another browser links nothing there', async () => {
    const { context, page, link, linked } = await phone('&redirect=true');
    await page.goto(link);
    await page.locator('#connect-submit').click();
    await page.locator('#allow').waitFor();
    await page.goBack();
    await page.locator('#connect-submit').click();

    let answer;
    await page.route('**/oauth/callback?*', (route) => {
      answer = route.request().url();
      return route.abort();
    });
    await page.locator('#allow').click();
    await eventually(async () => answer, 'the answer of the provider', STEP_MS);
    const other = await (await browser.newContext()).newPage();
    const status = (await other.goto(answer)).status();
    assert.equal(status, 400);
    await other.getByText('state_cookie_err').waitFor();
    assert.equal(await linked(), 0);
    await other.context().close();

    await page.unroute('**/oauth/callback?*');
    await page.goto(answer);
    await page.locator('.tick').waitFor();
    assert.equal(await linked(), 1);
    await context.close();
  });
});

describe('a certified OpenID provider', () => {
  for (const { name, method, extra } of [
    { name: 'a secret in the header', method: 'client_secret_basic', extra: 'authorization_method: header' },
    { name: 'a signed assertion', method: 'private_key_jwt', extra: 'token_request_auth_method: private_key_jwt' },
  ]) {
    test(`links and uses an account, the client proving itself by ${name}`, async () => {
      const port = await freePort();
      const openid = await startOpenidProvider({ redirectUri: `http://localhost:${port}/oauth/callback`, method });
      const folder = await overlay({
        openid: `display_name: OpenID
auth_mode: OAUTH2
authorization_url: ${openid.issuer}/auth
token_url: ${openid.issuer}/token
${extra}
authorization_params:
  prompt: consent
default_scopes: [openid, offline_access]
docs: /guides/openid
proxy:
  base_url: ${openid.issuer}
`,
      });
      const server = await Dovetail.start({
        port,
        args: [],
        env: { DOVETAIL_CATALOG_DIR: folder, DOVETAIL_EGRESS_ALLOW: '127.0.0.0/8,::1/128' },
      });
      const [host, browser] = await Promise.all([startHostPage(), launch()]);
      try {
        const credentials = { type: 'OAUTH2', client_id: 'dovetail', client_secret: openid.clientSecret };
        await server.integration('openid', 'openid', { credentials });
        const context = await browser.newContext();
        const { token } = await server.session();
        const { popup, settled } = await authorize(context, host, server, 'openid', token);
        await consent(popup);
        const ended = await settled();
        assert.ok(ended.result, JSON.stringify(ended));
        const id = ended.result.connectionId;
        const headers = { 'provider-config-key': 'openid', 'connection-id': id };
        const me = await server.api('GET', '/proxy/me', undefined, headers);
        assert.equal(me.status, 200, JSON.stringify(me.data));
        assert.equal(me.data.sub, 'pia');
        const read = await server.api('GET', `/connections/${id}?provider_config_key=openid&refresh_token=true`);
        assert.ok(read.data.credentials.refresh_token, 'offline access was granted');
        assert.ok(openid.seen.pkce, 'PKCE was required and used');
        await context.close();
      } finally {
        await browser.close();
        await Promise.all([server.stop(), host.stop(), openid.stop()]);
        await rm(folder, { recursive: true, force: true });
      }
    });
  }
});
