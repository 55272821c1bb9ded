// A customer's page that links an account with the published SDK, and the person in the provider's window.
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** How long a step in a browser may take on a busy machine, in milliseconds. */
export const STEP_MS = 30_000;

/** Opens the customer's page and runs `nango.auth()` there; `settled()` tells how it ended. */
export async function authorize(context, host, server, key, token, options = {}) {
  const page = await context.newPage();
  await page.goto(host.origin);
  await page.waitForFunction(() => window.loaded);
  const window = context.waitForEvent('page', { timeout: STEP_MS });
  await page.evaluate(
    ({ url, token, key, options }) => {
      globalThis.ended = null;
      const nango = new globalThis.Nango({ host: url, connectSessionToken: token });
      nango.auth(key, options).then(
        (result) => (globalThis.ended = { result }),
        (error) => (globalThis.ended = { type: error.type, message: error.message }),
      );
    },
    { url: server.url, token, key, options },
  );
  const settled = async () => {
    await page.waitForFunction(() => globalThis.ended, null, { timeout: STEP_MS });
    return page.evaluate(() => globalThis.ended);
  };
  return { page, popup: await window, settled };
}

/** Signs in at the OpenID provider where it asks, and consents. */
export async function consent(popup, login = 'pia') {
  const button = popup.locator('button[type="submit"]');
  await button.waitFor({ timeout: STEP_MS });
  if ((await popup.locator('input[name="login"]').count()) > 0) {
    await popup.locator('input[name="login"]').fill(login);
    await popup.locator('input[name="password"]').fill('any');
    await button.click();
    await popup.locator('input[name="login"]').waitFor({ state: 'detached', timeout: STEP_MS });
  }
  await popup.getByText('Continue').click({ timeout: STEP_MS });
}

/** An overlay folder with these definitions by name; returns its path. */
export async function overlay(definitions) {
  const folder = await mkdtemp(path.join(tmpdir(), 'dovetail-overlay-'));
  for (const [name, definition] of Object.entries(definitions)) {
    await mkdir(path.join(folder, name));
    await writeFile(path.join(folder, name, 'provider.yaml'), definition);
  }
  return folder;
}
