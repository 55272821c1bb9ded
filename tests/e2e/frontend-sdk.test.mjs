// The published frontend SDK in Chromium, on a customer's page of another origin, against the release binary.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { launch, watch } from './browser.mjs';
import { Dovetail, demoCredentials, eventually } from './harness.mjs';
import { startHostPage } from './host-page.mjs';

/** What is linked: the fields a person fills, and one that the provider refuses. */
const CASES = [
  { provider: 'coda', path: '/whoami', wrong: { 'credentials.apiKey': 'wrong-key-0000' } },
  { provider: 'ordinal', path: '/v1/workspace', wrong: { 'credentials.apiKey': 'ord_wrong' } },
  { provider: 'greenhouse-basic', path: '/v1/users', wrong: { 'credentials.username': 'wrong-key-0000' } },
  { provider: 'zendesk-api-key', path: '/api/v2/users/me', wrong: { 'credentials.password': 'wrongkey' } },
];

describe('the published frontend SDK', () => {
  let server;
  let host;
  let browser;
  let demo;

  before(async () => {
    [server, host, browser, demo] = await Promise.all([
      Dovetail.start(),
      startHostPage(),
      launch(),
      demoCredentials(),
    ]);
    for (const { provider } of CASES) await server.integration(provider);
    await server.integration('unauthenticated', 'open');
  });
  after(async () => {
    await browser.close();
    await Promise.all([server.stop(), host.stop()]);
  });

  async function open(context) {
    const page = await context.newPage();
    const trouble = watch(page, [host.origin, server.url]);
    await page.goto(host.origin);
    await page.waitForFunction(() => window.loaded);
    return { page, trouble };
  }

  /** Fills every visible field of the form in `frame` with `values` by field name. */
  async function fill(frame, values) {
    for (const [name, value] of Object.entries(values)) {
      const input = frame.locator(`[name="${name}"]`);
      if ((await input.count()) === 0 || !(await input.isVisible())) continue;
      if ((await input.evaluate((element) => element.tagName)) === 'SELECT') await input.selectOption(value);
      else await input.fill(value);
    }
  }

  for (const { provider, path, wrong } of CASES) {
    test(`links ${provider} through openConnectUI: ready, token, form, refusal, success, close`, async () => {
      const context = await browser.newContext();
      const { page, trouble } = await open(context);
      const { token } = await server.session({ end_user: { id: 'u1' }, allowed_integrations: [provider] });

      await page.evaluate(
        ({ url }) => {
          window.events = [];
          const nango = new window.Nango({ host: url });
          window.ui = nango.openConnectUI({
            baseURL: `${url}/connect`,
            apiURL: url,
            onEvent: (event) => window.events.push(event),
          });
        },
        { url: server.url },
      );
      const events = () => page.evaluate(() => window.events);
      await eventually(async () => (await events()).some((event) => event.type === 'ready'), 'ready');
      await page.evaluate((token) => window.ui.setSessionToken(token), token);

      const frame = page.frameLocator('#connect-ui');
      const submit = frame.locator('form button[type="submit"]');
      await submit.waitFor();
      await fill(frame, { ...demo[provider], ...wrong });
      await submit.click();
      const alert = frame.getByRole('alert');
      await alert.filter({ hasText: /40[13]/ }).waitFor();
      await eventually(
        async () =>
          (await events()).some(
            (event) => event.type === 'error' && event.payload.errorType === 'connection_test_failed',
          ),
        'error event',
      );

      await fill(frame, demo[provider]);
      await submit.click();
      const connect = await eventually(
        async () => (await events()).find((event) => event.type === 'connect'),
        'connect event',
      );
      assert.equal(connect.payload.providerConfigKey, provider);
      await frame.getByRole('button', { name: /finish|done/i }).click();
      await eventually(async () => (await events()).some((event) => event.type === 'close'), 'close event');
      assert.equal(await page.locator('#connect-ui').count(), 0);

      const id = connect.payload.connectionId;
      const echo = await server.api('GET', `/proxy${path}`, undefined, {
        'connection-id': id,
        'provider-config-key': provider,
      });
      assert.equal(echo.status, 200, JSON.stringify(echo.data));
      assert.deepEqual(trouble, []);
      await context.close();
    });
  }

  test('auth() links headlessly, and rejects with the code of the refusal', async () => {
    const context = await browser.newContext();
    const { page, trouble } = await open(context);
    const { token } = await server.session();
    const result = await page.evaluate(
      async ({ url, token, key }) => {
        const nango = new window.Nango({ host: url, connectSessionToken: token });
        const refused = await nango.auth('coda', { credentials: { apiKey: 'wrong-key' } }).then(
          () => undefined,
          (error) => ({ type: error.type, message: error.message }),
        );
        const linked = await nango.auth('coda', { credentials: { apiKey: key } });
        const open = await nango.create('open');
        return { refused, linked, open };
      },
      { url: server.url, token, key: demo.coda['credentials.apiKey'] },
    );
    assert.equal(result.refused.type, 'connection_test_failed');
    assert.match(result.refused.message, /Coda/);
    assert.equal(result.linked.providerConfigKey, 'coda');
    assert.equal(result.open.providerConfigKey, 'open');
    assert.deepEqual(trouble, []);
    await context.close();
  });

  test('a shared link works as returned, without leaving the token in the address bar', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const trouble = watch(page, [server.url]);
    const { token, connect_link: link } = await server.session({ tags: { team: 'ops' } });
    await page.goto(link);
    await page.getByRole('button', { name: /coda/i }).click();
    await page.locator('form button[type="submit"]').waitFor();
    assert.ok(!page.url().includes(token), page.url());
    await fill(page, demo.coda);
    await page.locator('form button[type="submit"]').click();
    await page.getByRole('heading', { name: /linked|connected|success/i }).waitFor();
    const { connections } = (await server.api('GET', '/connections?tags[team]=ops')).data;
    assert.equal(connections.length, 1);
    assert.deepEqual(trouble, []);
    await context.close();
  });

  test('a foreign API named in the query is never asked', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const trouble = watch(page, [server.url]);
    const { token } = await server.session();
    await page.goto(`${server.url}/connect/?session_token=${token}&apiURL=${encodeURIComponent(host.origin)}`);
    await page.getByRole('button', { name: /coda/i }).waitFor();
    assert.deepEqual(trouble, []);
    await context.close();
  });

  test('the whole page weighs less than 60 KB on the wire', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    let bytes = 0;
    page.on('requestfinished', async (request) => {
      const sizes = await request.sizes();
      bytes += sizes.responseBodySize + sizes.responseHeadersSize;
    });
    const { connect_link: link } = await server.session({ end_user: { id: 'u' }, allowed_integrations: ['coda'] });
    await page.goto(link);
    await page.locator('form button[type="submit"]').waitFor();
    await page.waitForLoadState('networkidle');
    assert.ok(bytes > 5_000 && bytes < 60_000, `${bytes} bytes`);
    await context.close();
  });
});
