// What a developer sets in the dashboard is what browsers and services see: settings of an integration by mode, and the
// acts on a connection, pressed in Chromium.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';

import { launch, watch } from './browser.mjs';
import { Dovetail } from './harness.mjs';
import { STEP_MS, overlay } from './windows.mjs';

const OWNER = { email: 'owner@example.com', password: 'correct horse battery staple' };

describe('the dashboard', () => {
  let server;
  let browser;
  let folder;
  let context;
  let page;
  let trouble;
  let base;

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
    base = `${server.url}/dashboard/dev`;
    context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] });
    page = await context.newPage();
    page.setDefaultTimeout(STEP_MS);
    trouble = watch(page, [server.url]);
    await page.goto(server.setupLink());
    await page.locator('[name="email"]').fill(OWNER.email);
    await page.locator('[name="password"]').fill(OWNER.password);
    await page.locator('[name="again"]').fill(OWNER.password);
    await page.locator('form button[type="submit"]').click();
    await page.waitForURL(/\/dashboard\/dev/);
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Where a browser is sent that links an account of this integration. */
  async function target(key) {
    const { token } = await server.session();
    const url = `${server.url}/oauth/connect/${key}?connect_session_token=${token}`;
    const answer = await fetch(url, { redirect: 'manual' });
    assert.equal(answer.status, 302, await answer.text());
    return new URL(new URL(answer.headers.get('location')).searchParams.get('url'));
  }

  test('client, scopes and callback of an OAuth integration are those that a browser is sent away with', async () => {
    await page.goto(`${base}/integrations/new/hubspot`);
    await page.locator('[name="client_id"]').fill('client-1');
    await page.locator('[name="client_secret"]').fill('secret-1');
    const scopes = page.locator('#scopes-input');
    await scopes.fill('crm.objects.contacts.read');
    await scopes.press('Enter');
    await scopes.fill('my.own.scope,');
    await page.locator(`[data-copy="${server.url}/oauth/callback"]`).first().click();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `${server.url}/oauth/callback`);
    await page.getByRole('button', { name: 'Add integration' }).click();
    await page.waitForURL(/\/integrations\/hubspot/);
    const first = await target('hubspot');
    assert.equal(first.searchParams.get('client_id'), 'client-1');
    assert.equal(first.searchParams.get('redirect_uri'), `${server.url}/oauth/callback`);
    for (const scope of ['crm.objects.contacts.read', 'my.own.scope']) {
      assert.ok(first.searchParams.get('scope').split(' ').includes(scope), first.href);
    }

    // A chip taken away, another client; the secret that is not typed again stays.
    await page.goto(`${base}/integrations/hubspot`);
    await page.getByRole('button', { name: 'Remove my.own.scope' }).click();
    await page.locator('[name="client_id"]').fill('client-2');
    await page.locator('form:has([name="client_id"]) .form-actions button[type="submit"]').click();
    await page.waitForLoadState('networkidle');
    const second = await target('hubspot');
    assert.equal(second.searchParams.get('client_id'), 'client-2');
    assert.ok(!second.searchParams.get('scope').includes('my.own.scope'), second.href);
    const read = await server.api('GET', '/integrations/hubspot?include=credentials');
    assert.equal(read.data.data.credentials.client_secret, 'secret-1');
  });

  test('an app is set up with a key from a file, and browsers are sent to its page', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = privateKey.export({ type: 'pkcs1', format: 'pem' }).trim();
    await page.goto(`${base}/integrations/new/github-app`);
    await page.locator('[name="app_id"]').fill('77');
    await page.locator('[name="app_link"]').fill('https://github.com/apps/joinery');
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      page.getByRole('button', { name: 'Choose a file' }).click(),
    ]);
    await chooser.setFiles({ name: 'app.pem', mimeType: 'text/plain', buffer: Buffer.from(`${key}\n`) });
    await page.waitForFunction((key) => document.querySelector('[name="private_key"]').value.trim() === key, key);
    await page.getByRole('button', { name: 'Add integration' }).click();
    await page.waitForURL(/\/integrations\/github-app/);
    const url = await target('github-app');
    assert.equal(url.origin + url.pathname, 'https://github.com/apps/joinery/installations/new');
    assert.ok(!(await page.content()).includes(key.split('\n')[1]), 'a stored key is not shown again');
  });

  test('credentials of a connection are refreshed now, and the reconnect link links the same one', async () => {
    await server.integration('kit', 'kit', { credentials: { type: 'OAUTH2', client_id: 'c', client_secret: 's' } });
    const allow = async (page) => {
      const opened = context.waitForEvent('page', { timeout: STEP_MS });
      await page.locator('#connect-submit').click({ timeout: STEP_MS });
      await (await opened).locator('#allow').click({ timeout: STEP_MS });
      await page.locator('.tick').waitFor({ timeout: STEP_MS });
    };
    const { connect_link: link } = await server.session({ end_user: { id: 'u1' }, allowed_integrations: ['kit'] });
    const visitor = await context.newPage();
    await visitor.goto(link);
    await allow(visitor);
    await visitor.close();
    const [{ connection_id: id }] = (await server.api('GET', '/connections')).data.connections;
    const token = async () => {
      const { data } = await server.api('GET', `/connections/${id}?provider_config_key=kit`);
      return data.credentials.access_token;
    };

    const linked = await token();
    await page.goto(`${base}/connections/kit/${id}`);
    await page.getByRole('button', { name: 'Refresh now' }).click();
    await page.locator('.toast').filter({ hasText: /refreshed/i }).waitFor();
    const refreshed = await token();
    assert.notEqual(refreshed, linked);

    await page.getByRole('button', { name: 'Reconnect link' }).click();
    const opened = context.waitForEvent('page', { timeout: STEP_MS });
    await page.getByRole('link', { name: /Open Connect page/ }).click();
    const again = await opened;
    await again.getByRole('heading', { name: /Reconnect/ }).waitFor({ timeout: STEP_MS });
    await allow(again);
    const { connections } = (await server.api('GET', '/connections')).data;
    assert.deepEqual(connections.map(({ connection_id }) => connection_id), [id]);
    assert.notEqual(await token(), refreshed);
    assert.deepEqual(trouble, []);
  });
});
