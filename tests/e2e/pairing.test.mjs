// A device without a browser: it shows a code, a person links the account in a browser elsewhere, the device hears.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { launch, watch } from './browser.mjs';
import { Dovetail, demoCredentials } from './harness.mjs';

/** What a command line would do: a code for a session, and the question how it stands. */
class Device {
  static async start(server, session, name) {
    const device = new Device();
    device.headers = { authorization: `Bearer ${session.token}`, 'content-type': 'application/json' };
    device.url = `${server.url}/connect/session/pairing`;
    const body = JSON.stringify({ client_name: name });
    const answer = await fetch(device.url, { method: 'POST', headers: device.headers, body });
    assert.equal(answer.status, 201);
    device.shown = (await answer.json()).data;
    return device;
  }

  async ask() {
    return (await (await fetch(this.url, { headers: this.headers })).json()).data;
  }
}

describe('a device without a browser', () => {
  let server;
  let browser;
  let demo;

  before(async () => {
    [server, browser, demo] = await Promise.all([Dovetail.start(), launch(), demoCredentials()]);
    await server.integration('coda');
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  const session = () =>
    server.session({
      end_user: { id: 'u1', display_name: 'Ana', email: 'ana@example.com' },
      allowed_integrations: ['coda'],
    });

  test('is linked by somebody who types its code on a phone', async () => {
    const device = await Device.start(server, await session(), 'acme CLI');
    const context = await browser.newContext({ viewport: { width: 390, height: 800 } });
    const page = await context.newPage();
    const trouble = watch(page, [server.url]);
    await page.goto(device.shown.verification_uri);
    const field = page.getByRole('textbox');
    await field.fill('bcd fgh jkl');
    await field.press('Enter');
    await page.getByRole('alert').waitFor();
    assert.equal((await device.ask()).status, 'pending');

    await field.fill(device.shown.user_code.replaceAll('-', ' ').toLowerCase());
    await field.press('Enter');
    for (const text of [device.shown.user_code, 'Ana (ana@example.com)', 'Coda', 'acme CLI']) {
      await page.getByText(text, { exact: true }).waitFor();
    }
    await page.getByRole('button', { name: /^Yes/ }).click();
    await page.locator('[name="credentials.apiKey"]').fill(demo.coda['credentials.apiKey']);
    assert.equal((await device.ask()).status, 'confirmed');
    await page.locator('#connect-submit').click();
    await page.getByRole('heading', { name: /is linked/ }).waitFor();

    const outcome = await device.ask();
    assert.equal(outcome.status, 'success');
    assert.equal(outcome.providerConfigKey, 'coda');
    const read = await server.api('GET', `/connections/${outcome.connectionId}?provider_config_key=coda`);
    assert.equal(read.data.end_user.id, 'u1');
    assert.deepEqual(trouble, []);
    await context.close();
  });

  test('is told when the reader of the code had not asked for it', async () => {
    const device = await Device.start(server, await session(), 'acme CLI');
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(device.shown.verification_uri_complete);
    await page.getByRole('button', { name: /^No/ }).click();
    await page.getByRole('heading', { name: 'Stopped' }).waitFor();
    const outcome = await device.ask();
    assert.deepEqual([outcome.status, outcome.errorType], ['error', 'access_denied']);
    await context.close();
  });
});
