// Every kind of form and window of the Connect page in Chromium, with the definitions of the catalogue, against services
// that check signatures: refused with a sentence, linked, linked again, deleted.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { launch, watch } from './browser.mjs';
import { Dovetail } from './harness.mjs';
import { APP, AWS, PLUGIN, RIGHT, startServices } from './services.mjs';
import { STEP_MS } from './windows.mjs';

/** One of each mode: what its service refuses, as a change of what it accepts, and what the page says of it. */
const FORMS = [
  { mode: 'OAUTH2_CC', provider: '8x8', wrong: { 'credentials.client_secret': 'wrong' }, says: /answered 401/ },
  {
    mode: 'JWT',
    provider: 'ghost-admin',
    wrong: { 'credentials.privateKey': `${'0123456789abcdef01234567'}:${'cd'.repeat(32)}` },
    says: /answered 401/,
  },
  { mode: 'TWO_STEP', provider: 'agencyzoom', wrong: { 'credentials.password': 'wrong' }, says: /answered 401/ },
  // The service has nothing to test by: what is missing is said at the field, and the signature is checked in use.
  { mode: 'TBA', provider: 'netsuite-tba', wrong: { 'credentials.token_id': '' }, says: /Enter a value/, use: '/record' },
  { mode: 'SIGNATURE', provider: 'emarsys', wrong: { 'credentials.password': 'wrong' }, says: /answered 401/ },
  { mode: 'BILL', provider: 'bill', wrong: { 'credentials.password': 'wrong' }, says: /answered 401/ },
  {
    mode: 'AWS_SIGV4',
    provider: 'aws-sigv4',
    integration: {
      integration_config: {
        service: 's3',
        defaultRegion: 'eu-central-1',
        awsAccessKeyId: AWS.id,
        awsSecretAccessKey: AWS.secret,
      },
    },
    wrong: { 'credentials.role_arn': 'arn:aws:iam::123456789012:role/Somebody' },
    says: /answered 403/,
  },
];

/** Those with a window: what its link `foreign` brings back is refused, and the page says so. */
const WINDOWS = [
  {
    mode: 'OAUTH1',
    provider: 'trello',
    integration: { credentials: { type: 'OAUTH1', client_id: 'c', client_secret: 's' } },
    says: /Trello/,
    use: '/1/members/me',
  },
  { mode: 'APP', provider: 'github-app', integration: { credentials: { type: 'APP', ...APP } }, says: /installation/ },
  {
    mode: 'CUSTOM',
    provider: 'github-app-oauth',
    integration: { credentials: { type: 'CUSTOM', client_id: 'c', client_secret: 's', ...APP } },
    says: /installation/,
  },
  { mode: 'INSTALL_PLUGIN', provider: 'crisp-plugin-install', integration: { custom: PLUGIN }, says: /plug-in/ },
];

describe('forms of the Connect page', () => {
  let server;
  let browser;
  let services;

  before(async () => {
    services = await startServices();
    const args = [`--simulate=${services.url}`];
    [server, browser] = await Promise.all([Dovetail.start({ args }), launch()]);
    services.seen.dovetail = server.url;
  });
  after(async () => {
    await browser?.close();
    await Promise.all([server?.stop(), services?.stop()]);
  });

  /** Opens the link of a session in a browser of its own. */
  async function open(link) {
    const context = await browser.newContext();
    const page = await context.newPage();
    page.setDefaultTimeout(STEP_MS);
    const trouble = watch(page, [server.url]);
    await page.goto(link);
    await page.locator('#connect-submit').waitFor();
    const close = async () => {
      assert.deepEqual(trouble, []);
      await context.close();
    };
    return { page, close };
  }

  async function fill(page, values) {
    for (const [name, value] of Object.entries(values)) {
      const input = page.locator(`[name="${name}"]`);
      if ((await input.count()) === 0) continue;
      if ((await input.evaluate((element) => element.tagName)) === 'SELECT') await input.selectOption(value);
      else await input.fill(value);
    }
  }

  /** Presses the button, and answers what the page says then: `linked`, or the text of its notice. */
  async function submit(page) {
    await page.locator('#connect-submit').click();
    const end = page.locator('.tick, .trouble [role="alert"], .form-row .error:not(:empty)').first();
    await end.waitFor();
    return (await page.locator('.tick').count()) > 0 ? 'linked' : (await end.innerText()).replaceAll('\n', ' ');
  }

  const connections = async (tag) => (await server.api('GET', `/connections?tags[tag]=${tag}`)).data.connections;

  /** Sees that the service takes a proxied call. */
  async function used(id, key, path) {
    const headers = { 'connection-id': id, 'provider-config-key': key };
    const answer = await server.api('GET', `/proxy${path}`, undefined, headers);
    assert.equal(answer.status, 200, JSON.stringify([answer.data, services.seen.unknown]));
  }

  /** Deletes a connection and sees that it is gone. */
  async function disconnect(id, key) {
    const gone = await server.api('DELETE', `/connections/${id}?provider_config_key=${key}`);
    assert.equal(gone.status, 200, JSON.stringify(gone.data));
    const read = await server.api('GET', `/connections/${id}?provider_config_key=${key}`);
    assert.equal(read.status, 404);
  }

  /** The link on which a connection is linked again. */
  async function again(id, key) {
    const answer = await server.api('POST', '/connect/sessions/reconnect', { connection_id: id, integration_id: key });
    assert.equal(answer.status, 201, JSON.stringify(answer.data));
    return answer.data.data.connect_link;
  }

  for (const { mode, provider, integration, wrong, says, use } of FORMS) {
    test(`${mode}: refused, linked, linked again, deleted`, async () => {
      await server.integration(provider, provider, integration);
      const right = RIGHT[provider];
      const { connect_link: link } = await server.session({ tags: { tag: mode }, allowed_integrations: [provider] });
      const first = await open(link);
      await fill(first.page, { ...right, ...wrong });
      assert.match(await submit(first.page), says);
      assert.deepEqual(await connections(mode), []);
      await fill(first.page, right);
      assert.equal(await submit(first.page), 'linked');
      await first.close();
      const [{ connection_id: id }] = await connections(mode);
      const read = await server.api('GET', `/connections/${id}?provider_config_key=${provider}`);
      assert.equal(read.data.credentials.type, mode, JSON.stringify(read.data));

      if (use) await used(id, provider, use);
      const second = await open(await again(id, provider));
      await fill(second.page, right);
      assert.equal(await submit(second.page), 'linked');
      await second.close();
      assert.deepEqual((await connections(mode)).map(({ connection_id }) => connection_id), [id]);
      await disconnect(id, provider);
      // A role trusts one external ID: linking again must not bring another.
      if (mode === 'AWS_SIGV4') assert.equal(new Set(services.seen.externalIds).size, 1);
    });
  }

  /** Presses the button, then `link` in the window that opens; answers as `submit` does. */
  async function visit(page, link) {
    const opened = page.context().waitForEvent('page', { timeout: STEP_MS });
    const said = submit(page);
    await (await opened).locator(link).click({ timeout: STEP_MS });
    return said;
  }

  for (const { mode, provider, integration, says, use } of WINDOWS) {
    test(`${mode}: refused, linked, linked again, deleted`, async () => {
      await server.integration(provider, provider, integration);
      const { connect_link: link } = await server.session({ tags: { tag: mode }, allowed_integrations: [provider] });
      const first = await open(link);
      assert.match(await visit(first.page, '#foreign'), says);
      assert.deepEqual(await connections(mode), []);
      assert.equal(await visit(first.page, '#allow'), 'linked', JSON.stringify(services.seen.unknown));
      await first.close();
      const [{ connection_id: id }] = await connections(mode);
      if (use) await used(id, provider, use);
      const second = await open(await again(id, provider));
      assert.equal(await visit(second.page, '#allow'), 'linked');
      await second.close();
      await disconnect(id, provider);
    });
  }
});
