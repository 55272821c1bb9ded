// Every page in Chromium at phone and desktop width, in both themes: axe finds nothing, nothing overflows, no script
// fails, nobody else is asked. Screenshots are left in tests/.artifacts for a person to look at.
import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { launch, watch } from './browser.mjs';
import { Dovetail, ROOT, demoCredentials } from './harness.mjs';

const AXE = await readFile(path.join(ROOT, 'tests/node_modules/axe-core/axe.min.js'), 'utf8');
const ARTIFACTS = path.join(ROOT, 'tests/.artifacts');
const VIEWS = [390, 1280].flatMap((width) => ['light', 'dark'].map((theme) => ({ width, theme })));
const KEY = '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----\n';
const OWNER = { email: 'owner@example.com', password: 'correct horse battery staple' };

describe('every page', () => {
  let server;
  let browser;
  let signedIn;
  let connectionId;

  before(async () => {
    await mkdir(ARTIFACTS, { recursive: true });
    [server, browser] = await Promise.all([Dovetail.start(), launch()]);
    await server.integration('coda');
    await server.integration('ordinal');
    // Enough of them for the list to offer its search.
    for (const provider of ['zendesk-api-key', 'openai', 'anthropic', 'github-pat', 'sendgrid', 'twilio', 'posthog']) {
      await server.integration(provider);
    }
    // One of each kind of form, and one that is not complete.
    await server.integration('aws-sigv4', 'aws-sigv4', { integration_config: { service: 's3' } });
    for (const provider of ['snowflake-jwt', 'adp', 'bill']) await server.integration(provider);
    await server.integration('github', 'github', {
      credentials: { type: 'OAUTH2', client_id: 'client-1', client_secret: 'secret-1', scopes: 'repo,user' },
    });
    const demo = await demoCredentials();
    const { token } = await server.session({
      end_user: { id: 'u1', email: 'ana@example.com', display_name: 'Ana' },
      organization: { id: 'acme', display_name: 'Acme' },
    });
    const linked = await fetch(`${server.url}/api-auth/api-key/coda?connect_session_token=${token}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ apiKey: demo.coda['credentials.apiKey'] }),
    });
    ({ connectionId } = await linked.json());
  });
  after(async () => {
    await browser.close();
    await server.stop();
  });

  /** Visits `url` in every view and checks it; `act` may bring the page into a state first. */
  async function check(name, url, { act, state, status = 200 } = {}) {
    for (const { width, theme } of VIEWS) {
      const context = await browser.newContext({
        viewport: { width, height: 900 },
        colorScheme: theme,
        reducedMotion: 'reduce',
        bypassCSP: true, // axe is injected; the policy itself is tested in the server's route tests
        storageState: state,
      });
      const page = await context.newPage();
      const trouble = watch(page, [server.url]);
      const answer = await page.goto(url);
      assert.equal(answer.status(), status, url);
      await page.waitForLoadState('networkidle');
      await act?.(page);
      await page.screenshot({ path: path.join(ARTIFACTS, `${name}-${width}-${theme}.png`), fullPage: true });
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      assert.ok(overflow <= 0, `${name} at ${width}: ${overflow} px wider than the window`);
      await page.addScriptTag({ content: AXE });
      const { violations } = await page.evaluate(() =>
        window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }),
      );
      const found = violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html).join(' | ').slice(0, 400)}`);
      assert.deepEqual(found, [], `${name} at ${width}, ${theme}`);
      assert.deepEqual(trouble, [], `${name} at ${width}, ${theme}`);
      await context.close();
    }
  }

  /** The preview of the Connect page shows the colours that stand in the form beside it. */
  async function settledPreview(page) {
    const theme = await page.evaluate(() => (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'));
    const colours = { light: ['#8a2be2', 'rgb(138, 43, 226)'], dark: ['#ffd166', 'rgb(255, 209, 102)'] };
    const [written, painted] = colours[theme];
    await page.locator(`[name="${theme}_primary"]`).fill(written);
    await page.locator('form[data-preview] button[type="submit"]').click();
    await page.waitForLoadState('networkidle');
    const button = page.frameLocator('[data-preview-frame]').locator('form button[type="submit"]');
    await button.waitFor();
    await button.page().waitForFunction(
      (painted) => {
        const frame = document.querySelector('[data-preview-frame]').contentDocument;
        const button = frame.querySelector('form button[type="submit"]');
        return button && getComputedStyle(button).backgroundColor === painted;
      },
      painted,
    );
  }

  const form = (page) => page.locator('form button[type="submit"]').waitFor();

  test('set-up of the owner, then signing in', async () => {
    await check('setup', server.setupLink());
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(server.setupLink());
    await page.locator('[name="email"]').fill(OWNER.email);
    await page.locator('[name="password"]').fill(OWNER.password);
    await page.locator('[name="again"]').fill(OWNER.password);
    await page.locator('form button[type="submit"]').click();
    await page.waitForURL(/\/dashboard\/dev/);
    signedIn = await context.storageState();
    await context.close();
    await check('sign-in', `${server.url}/dashboard/sign-in`);
  });

  test('Connect: list, list filtered to nothing, form, field error, refusal, success, expired', async () => {
    const link = async (allowed) =>
      (await server.session({ end_user: { id: 'u2' }, ...(allowed ? { allowed_integrations: allowed } : {}) })).connect_link;
    await check('connect-list', await link());
    await check('connect-list-nothing', await link(), {
      act: async (page) => {
        const search = page.getByRole('searchbox');
        await search.waitFor();
        await search.fill('zzzz');
      },
    });
    await check('connect-form', await link(['coda']), { act: form });
    await check('connect-form-ordinal', await link(['ordinal']), { act: form });
    await check('connect-form-config', await link(['zendesk-api-key']), { act: form });
    await check('connect-form-role', await link(['aws-sigv4']), { act: form });
    await check('connect-form-key', await link(['snowflake-jwt']), {
      act: async (page) => {
        await form(page);
        const [chooser] = await Promise.all([
          page.waitForEvent('filechooser'),
          page.getByRole('button', { name: /Choose a file/ }).click(),
        ]);
        await chooser.setFiles({ name: 'rsa_key.p8', mimeType: 'text/plain', buffer: Buffer.from(KEY) });
        await page.waitForFunction((key) => document.querySelector('textarea').value === key, KEY.trim());
      },
    });
    await check('connect-form-certificate', await link(['adp']), { act: form });
    await check('connect-form-login', await link(['bill']), { act: form });
    await check('connect-list-slip', await link(), {
      act: async (page) => {
        const search = page.getByRole('searchbox');
        await search.waitFor();
        await search.fill('zendsk');
        await page.getByRole('button', { name: /Zendesk/ }).waitFor();
      },
    });
    await check('connect-refused', await link(['coda']), {
      act: async (page) => {
        await form(page);
        await page.locator('[name="credentials.apiKey"]').fill('wrong-key-0000');
        await page.locator('form button[type="submit"]').click();
        await page.getByRole('alert').filter({ hasText: '401' }).waitFor();
      },
    });
    const demo = await demoCredentials();
    await check('connect-success', await link(['coda']), {
      act: async (page) => {
        await form(page);
        await page.locator('[name="credentials.apiKey"]').fill(demo.coda['credentials.apiKey']);
        await page.locator('form button[type="submit"]').click();
        await page.locator('form button[type="submit"]').waitFor({ state: 'detached' });
      },
    });
    await check('connect-expired', `${server.url}/connect/?session_token=nango_connect_session_${'0'.repeat(64)}`);
    await check('connect-no-token', `${server.url}/connect/`);
  });

  test('Connect: a code for another device is entered, asked about, refused', async () => {
    const { token } = await server.session({
      end_user: { id: 'u5', email: 'ana@example.com', display_name: 'Ana' },
      allowed_integrations: ['coda', 'ordinal', 'openai', 'github-pat'],
    });
    const asked = await fetch(`${server.url}/connect/session/pairing`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ client_name: 'acme CLI on build-7' }),
    });
    const { data } = await asked.json();
    await check('pair', data.verification_uri);
    await check('pair-unknown', `${data.verification_uri}?code=BCD-FGH-JKL`, { status: 404 });
    await check('pair-ask', data.verification_uri_complete);
    await check('pair-arabic', `${data.verification_uri_complete}&lang=ar`);
  });

  test('guides', async () => {
    await check('guides', `${server.url}/guides`);
    await check('guide-coda', `${server.url}/guides/coda`);
    await check('guide-ordinal', `${server.url}/guides/ordinal`);
    await check('guide-zendesk', `${server.url}/guides/zendesk-api-key`);
  });

  test('dashboard', async () => {
    assert.ok(signedIn, 'the owner is signed in');
    const base = `${server.url}/dashboard/dev`;
    const pages = {
      start: base,
      integrations: `${base}/integrations`,
      catalogue: `${base}/integrations/new`,
      integration: `${base}/integrations/coda`,
      connections: `${base}/connections`,
      'connections-none': `${base}/connections?q=nothing-like-this`,
      connection: `${base}/connections/coda/${connectionId}`,
      webhooks: `${base}/webhooks`,
      'settings-keys': `${base}/settings/keys`,
      'settings-key-new': `${base}/settings/keys/new`,
      'settings-variables': `${base}/settings/variables`,
      'integration-new': `${base}/integrations/new/zendesk-api-key`,
      'integration-new-oauth': `${base}/integrations/new/hubspot`,
      'integration-new-app': `${base}/integrations/new/github-app-oauth`,
      'integration-new-role': `${base}/integrations/new/aws-sigv4`,
      'integration-new-mcp': `${base}/integrations/new/mcp-generic`,
      'integration-new-plugin': `${base}/integrations/new/crisp-plugin-install`,
      activity: `${base}/activity`,
      'activity-none': `${base}/activity?q=nothing-like-this`,
      account: `${base}/account`,
      'account-people': `${base}/account/people`,
      'account-person-new': `${base}/account/people/new`,
      'account-keys': `${base}/account/keys`,
      'account-key-new': `${base}/account/keys/new`,
      'account-audit': `${base}/account/audit`,
      'connection-new': `${base}/connections/new`,
      'environment-new': `${server.url}/dashboard/environments/new`,
      'settings-webhooks': `${base}/settings/webhooks`,
      'settings-general': `${base}/settings`,
    };
    for (const [name, url] of Object.entries(pages)) await check(`dashboard-${name}`, url, { state: signedIn });
    await check('dashboard-settings-key-limits', `${base}/settings/keys/new`, {
      state: signedIn,
      act: async (page) => {
        await page.locator('[name="reach"][value="some"]').check();
        await page.locator('[name="expires"]').selectOption('date');
        await page.locator('[name="paths"]').fill('/apis/v1/docs/**');
      },
    });
    await check('dashboard-settings-connect', `${base}/settings/connect-page`, { state: signedIn, act: settledPreview });
    await check('dashboard-integration-scopes', `${base}/integrations/github`, {
      state: signedIn,
      act: async (page) => {
        const input = page.getByRole('combobox', { name: /Scopes/ });
        await input.fill('read:or');
        await page.getByRole('option', { name: 'read:org' }).waitFor();
        await input.press('ArrowDown');
        await input.press('Enter');
        await input.fill('made_up,');
        assert.equal(await page.locator('textarea[name=scopes]').inputValue(), 'repo, user, read:org, made_up');
        await input.fill('re');
      },
    });
    await check('dashboard-activity-one', `${base}/activity?state=success`, {
      state: signedIn,
      act: async (page) => {
        await page.locator('.row-link').first().click();
        await page.locator('.timeline').waitFor();
      },
    });
    await check('dashboard-audit-open', `${base}/account/audit`, {
      state: signedIn,
      act: (page) => page.locator('details.entry summary').first().click(),
    });
    await check('dashboard-not-found', `${base}/no-such-page`, { state: signedIn, status: 404 });
  });
});
