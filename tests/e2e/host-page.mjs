// A customer's page on an origin of its own, with the published frontend SDK loaded as the package ships it.
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';

import { ROOT } from './harness.mjs';

const SDK = path.join(ROOT, 'tests/node_modules/@nangohq/frontend/dist');
const PAGE = `<!doctype html><html lang="en"><title>Customer</title>
<script type="importmap">{"imports":{"@nangohq/frontend":"/sdk/index.js"}}</script>
<h1>Customer's product</h1>
<script type="module">
  import Nango from '@nangohq/frontend';
  window.Nango = Nango;
  window.loaded = true;
</script>`;

/** Serves the page; `origin` is where. */
export async function startHostPage() {
  const server = http.createServer(async (request, response) => {
    if (request.url.startsWith('/sdk/')) {
      const name = path.basename(new URL(request.url, 'http://x').pathname);
      const file = await readFile(path.join(SDK, name.endsWith('.js') ? name : `${name}.js`)).catch(() => undefined);
      response.writeHead(file ? 200 : 404, { 'content-type': 'text/javascript' }).end(file);
      return;
    }
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(PAGE);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
