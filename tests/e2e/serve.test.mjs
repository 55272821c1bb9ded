// `dovetail serve` as an operator meets it: first start, wrong keys, shutdown.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFile, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { BINARY, Dovetail, eventually, freePort } from './harness.mjs';

function run(args, env = {}) {
  const child = spawn(BINARY, args, { env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text) => (output += text));
  }
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
}

test('the first start makes everything it needs and prints where to go', async () => {
  const server = await Dovetail.start();
  const { output, dataDir } = server;
  assert.match(server.setupLink(), new RegExp(`^${server.url}/dashboard/setup\\?token=`));
  assert.ok(output.includes(`${server.url}/connect/`), output);
  assert.match(output, /curl /);
  assert.ok(!output.includes(server.key), 'the key was printed without being asked for');
  const key = await stat(path.join(dataDir, 'dovetail.key'));
  assert.equal(key.mode & 0o777, 0o600);
  for (const name of ['dev', 'prod']) {
    const status = await run(['keys', 'status', '--data-dir', dataDir]);
    assert.equal(status.code, 0, status.output);
    assert.ok(status.output.includes(name), status.output);
  }
  const { code } = await server.stop();
  assert.equal(code, 0);
});

test('a wrong or missing key against existing data refuses to start and says what to do', async () => {
  const server = await Dovetail.start();
  server.ownsData = false;
  await server.stop();
  const port = await freePort();
  const args = ['serve', '--listen', `127.0.0.1:${port}`, '--data-dir', server.dataDir];

  const wrong = await run(args, { DOVETAIL_ENCRYPTION_KEY: randomBytes(32).toString('base64') });
  assert.notEqual(wrong.code, 0);
  assert.match(wrong.output, /encryption key/i);
  assert.match(wrong.output, /DOVETAIL_ENCRYPTION_KEY/);

  const file = path.join(server.dataDir, 'dovetail.key');
  await copyFile(file, `${file}.away`);
  await rm(file);
  const missing = await run(args);
  assert.notEqual(missing.code, 0);
  assert.match(missing.output, /dovetail\.key/);
  await assert.rejects(stat(file), 'a new key file must not be made beside existing data');
  await rm(server.dataDir, { recursive: true });
});

test('all wrong settings are reported at once, before any socket opens', async () => {
  const { code, output } = await run(['serve', '--listen', 'nowhere'], {
    DOVETAIL_PUBLIC_URL: 'ftp://x',
    DOVETAIL_ENCRYPTION_KEY: 'short',
    DOVETAIL_EGRESS_ALLOW: 'lan',
  });
  assert.notEqual(code, 0);
  for (const word of ['--listen', 'DOVETAIL_PUBLIC_URL', 'DOVETAIL_ENCRYPTION_KEY', 'DOVETAIL_EGRESS_ALLOW']) {
    assert.ok(output.includes(word), `${word} is missing in:\n${output}`);
  }
});

test('shutdown drains: a call under way is finished, new ones are not taken', async () => {
  // A provider that answers only when the test says so.
  let arrived;
  let release;
  const seen = new Promise((resolve) => (arrived = resolve));
  const released = new Promise((resolve) => (release = resolve));
  const provider = http.createServer(async (_request, response) => {
    arrived();
    await released;
    response.writeHead(401).end();
  });
  await new Promise((resolve) => provider.listen(0, '127.0.0.1', resolve));
  const server = await Dovetail.start({ args: [`--simulate=http://127.0.0.1:${provider.address().port}`] });
  await server.integration('coda');
  const { token } = await server.session();
  const linking = fetch(`${server.url}/api-auth/api-key/coda?connect_session_token=${token}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ apiKey: 'wrong' }),
  });
  await seen;
  const stopped = server.stop();
  await eventually(
    () => fetch(`${server.url}/health`).then(() => false, () => true),
    'the socket is closed',
  );
  release();
  assert.equal((await linking).status, 400);
  assert.deepEqual(await stopped, { code: 0, signal: null });
  provider.closeAllConnections();
  provider.close();
});

test('doctor names each finding with its mend, completions and healthcheck work', async () => {
  const server = await Dovetail.start();
  const doctor = await run(['doctor', '--data-dir', server.dataDir, '--listen', `127.0.0.1:${server.port}`], {});
  assert.equal(doctor.code, 0, doctor.output);
  assert.match(doctor.output, /database/i);
  const healthy = await run(['healthcheck', '--url', server.url]);
  assert.equal(healthy.code, 0, healthy.output);
  await server.stop();
  const unhealthy = await run(['healthcheck', '--url', server.url]);
  assert.notEqual(unhealthy.code, 0);
  const completions = await run(['completions', 'bash']);
  assert.match(completions.output, /_dovetail/);
});

test('the log is one JSON object a line when asked', async () => {
  const server = await Dovetail.start({ args: ['--simulate', '--json-logs'] });
  await server.stop();
  const lines = server.output.split('\n').filter((line) => line.startsWith('{'));
  assert.ok(lines.length > 0, server.output);
  for (const line of lines) JSON.parse(line);
});

test('an overlay file that breaks is refused with file, line and reason; the last good one stays', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'dovetail-overlay-'));
  const good = [
    'acme-crm:',
    '  display_name: Acme CRM',
    '  categories: [crm]',
    '  auth_mode: API_KEY',
    '  docs: https://acme.example/docs',
    '  proxy:',
    '    base_url: https://api.acme.example',
    '    headers:',
    '      authorization: Bearer ${apiKey}',
    '',
  ].join('\n');
  await writeFile(path.join(folder, 'providers.yaml'), good);
  const server = await Dovetail.start({ args: ['--simulate', '--catalog-dir', folder] });
  try {
    assert.equal((await server.api('GET', '/providers/acme-crm')).status, 200);
    await writeFile(path.join(folder, 'providers.yaml'), good.replace('categories: [crm]', 'categories: [crm'));
    await eventually(
      () => server.output.split('\n').some((line) => /providers\.yaml/.test(line) && /line\D{0,12}\d/.test(line)),
      'the refusal in the log',
    );
    assert.equal((await server.api('GET', '/providers/acme-crm')).status, 200);
    await writeFile(path.join(folder, 'providers.yaml'), good.replace('Acme CRM', 'Acme Sales'));
    await eventually(
      async () => (await server.api('GET', '/providers/acme-crm')).data.data.display_name === 'Acme Sales',
      'the mended file in force',
    );
  } finally {
    await server.stop();
    await rm(folder, { recursive: true });
  }
});
