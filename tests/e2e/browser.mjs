// Debian's Chromium, driven by playwright-core.
import { chromium } from 'playwright-core';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts Chromium; the executable is Debian's unless CHROMIUM names another. */
export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: FLAGS });
}

/**
 * Watches a page for what must never happen: script errors, console errors, violations of the content security
 * policy, and requests to anybody but `allowedOrigins`. Returns the list, which a test expects to be empty.
 */
export function watch(page, allowedOrigins) {
  const trouble = [];
  page.on('pageerror', (error) => trouble.push(`script error: ${error.message}`));
  page.on('console', (message) => {
    // A refused request shows in the console as a failed resource; the tests refuse requests on purpose.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) {
      trouble.push(`console: ${message.text()}`);
    }
  });
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith('http') && !allowedOrigins.includes(url.origin)) {
      trouble.push(`request to ${url.origin}`);
    }
  });
  return trouble;
}
