// Measures the bar of refreshing (issue: 10 000 due connections, one server, a service that takes 200 ms): how long
// until all are renewed, peak memory, requests at once, and what reads of a fresh connection notice of it.
//
// The connections are imported through the API, then the server is stopped until all of them are due, and started:
// the backlog after an outage. The service runs in a process of its own.
import { execFileSync, fork } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { Dovetail, eventually, pause } from '../tests/e2e/harness.mjs';

const CONNECTIONS = Number(process.env.BENCH_CONNECTIONS ?? 10_000);
const LATENCY_MS = 200;
/** `PROVIDER_BUDGET` of the `connect` room: token requests of one server to one provider at once. */
const BUDGET = 64;
const BARS = { seconds: 60, mebibytes: 150, slowdown: 2 };
/** How long calm reads are taken. */
const CALM_MS = 5_000;
/** Imports under way at once. */
const IMPORTS = 16;
/** Tokens are due 30 to 45 s before their end: the imports have to be over before that. */
const LIFE_MS = 75_000 + CONNECTIONS * 4;

const DEFINITION = `display_name: Bench
auth_mode: OAUTH2
authorization_url: https://bench.test/authorize
token_url: https://bench.test/token
docs: /guides/bench
proxy:
  base_url: https://bench.test
`;

/** The token endpoint: rotates refresh tokens, and notes whether one is presented twice. */
function serveTokens() {
  const seen = new Set();
  const counts = { total: 0, now: 0, most: 0, twice: 0 };
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      const token = new URLSearchParams(body).get('refresh_token');
      if (seen.has(token)) counts.twice += 1;
      seen.add(token);
      counts.most = Math.max(counts.most, (counts.now += 1));
      setTimeout(() => {
        counts.now -= 1;
        counts.total += 1;
        const answer = { access_token: `at-${counts.total}`, refresh_token: `${token}+`, expires_in: 3600 };
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      }, LATENCY_MS);
    });
  });
  process.on('message', () => process.send(counts));
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
}

async function importAll(server, expiresAt) {
  let next = 0;
  const worker = async () => {
    for (let number = next++; number < CONNECTIONS; number = next++) {
      const answer = await server.api('POST', '/connections', {
        provider_config_key: 'bench',
        connection_id: `c-${number}`,
        credentials: { type: 'OAUTH2', access_token: 'old', refresh_token: `rt-${number}`, expires_at: expiresAt },
      });
      if (answer.status !== 201) throw new Error(`import: ${JSON.stringify(answer.data)}`);
    }
  };
  await Promise.all(Array.from({ length: IMPORTS }, worker));
}

/** Reads a fresh connection over one kept connection, a read every 2 ms, until `until` is settled: milliseconds, sorted. */
async function reads(server, until) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const options = {
    agent,
    host: '127.0.0.1',
    port: server.port,
    path: '/connections/fresh?provider_config_key=bench',
    headers: { authorization: `Bearer ${server.key}` },
  };
  const read = () =>
    new Promise((resolve, reject) => {
      const began = performance.now();
      const request = http.get(options, (answer) => {
        answer.resume();
        answer.on('end', () => (answer.statusCode === 200 ? resolve(performance.now() - began) : reject(new Error(`a read was answered ${answer.statusCode}`))));
      });
      request.on('error', reject);
    });
  const took = [];
  let over = false;
  until.then(() => (over = true));
  while (!over) {
    took.push(await read());
    await pause(2);
  }
  agent.destroy();
  return took.sort((a, b) => a - b);
}

async function renewed(server) {
  const { data } = await server.api('GET', '/metrics');
  const line = String(data).match(/^dovetail_credential_refreshes_total\{provider="bench",outcome="renewed"\} (\d+)/m);
  return Number(line?.[1] ?? 0);
}

async function peakMebibytes(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(status.match(/VmHWM:\s+(\d+)/)[1]) / 1024;
}

/** Processor time of a process so far, in seconds. */
async function cpuSeconds(pid) {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function run() {
  const service = fork(fileURLToPath(import.meta.url), ['service']);
  const told = () => new Promise((resolve) => service.once('message', resolve));
  const { port } = await told();
  const catalog = await mkdtemp(path.join(tmpdir(), 'dovetail-bench-catalog-'));
  let server;
  try {
    await mkdir(path.join(catalog, 'bench'));
    await writeFile(path.join(catalog, 'bench', 'provider.yaml'), DEFINITION);
    server = await Dovetail.start({
      args: [`--simulate=http://127.0.0.1:${port}`],
      env: { DOVETAIL_CATALOG_DIR: catalog, DOVETAIL_LOG: 'warn' },
    });
    await server.integration('bench', 'bench', { credentials: { type: 'OAUTH2', client_id: 'c', client_secret: 's' } });
    const fresh = { type: 'OAUTH2', access_token: 'fresh', refresh_token: 'fresh', expires_at: new Date(Date.now() + 86_400_000).toISOString() };
    await server.api('POST', '/connections', { provider_config_key: 'bench', connection_id: 'fresh', credentials: fresh });

    const end = Date.now() + LIFE_MS;
    const began = performance.now();
    await importAll(server, new Date(end).toISOString());
    const imported = (performance.now() - began) / 1000;
    if (Date.now() > end - 45_000 || (await renewed(server)) > 0) throw new Error('the imports took too long: some were due before the last was made');
    await server.process.kill('SIGTERM');
    await server.exited;
    await pause(Math.max(0, end - 29_000 - Date.now()));

    // First the backlog, then calm reads of the same process on the same data.
    await server.boot();
    const booted = performance.now();
    const done = eventually(async () => (await renewed(server)) >= CONNECTIONS, 'all are renewed', 600_000);
    const busy = await reads(server, done);
    const took = (performance.now() - booted) / 1000;
    const cpu = await cpuSeconds(server.process.pid);
    const most = await peakMebibytes(server.process.pid);
    const calm = await reads(server, pause(CALM_MS));
    service.send('counts');
    const counts = await told();

    const percentile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
    const milliseconds = (sorted, part) => `${percentile(sorted, part).toFixed(2)} ms`;
    const slowdown = percentile(busy, 0.99) / percentile(calm, 0.99);
    const rows = [
      ['connections imported through the API', `${CONNECTIONS} in ${imported.toFixed(1)} s`, '', true],
      ['all renewed, from the start of the server', `${took.toFixed(1)} s`, `< ${BARS.seconds} s`, took < BARS.seconds],
      ['processor time of the server meanwhile, reads included', `${cpu.toFixed(1)} s`, '', true],
      ['peak resident memory', `${most.toFixed(1)} MiB`, `< ${BARS.mebibytes} MiB`, most < BARS.mebibytes],
      ['token requests at once, at most', String(counts.most), `<= ${BUDGET}`, counts.most <= BUDGET],
      ['token requests', String(counts.total), `${CONNECTIONS}`, counts.total === CONNECTIONS],
      ['refresh tokens presented twice', String(counts.twice), '0', counts.twice === 0],
      ['read of a fresh connection, calm', `p50 ${milliseconds(calm, 0.5)}, p99 ${milliseconds(calm, 0.99)}`, `${calm.length} reads`, true],
      ['read of a fresh connection, meanwhile', `p50 ${milliseconds(busy, 0.5)}, p99 ${milliseconds(busy, 0.99)}`, `p99 < ${BARS.slowdown}x: ${slowdown.toFixed(2)}x of ${busy.length} reads`, slowdown < BARS.slowdown],
    ];
    const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
    console.log(`${new Date().toISOString().slice(0, 10)}, ${commit}, ${cpus().length} x ${cpus()[0].model}, service answers after ${LATENCY_MS} ms\n`);
    console.log('| figure | value | bar | |\n| --- | --- | --- | --- |');
    for (const [what, value, bar, kept] of rows) console.log(`| ${what} | ${value} | ${bar} | ${kept ? '' : 'not kept'} |`);
    if (rows.some(([, , , kept]) => !kept)) process.exitCode = 1;
  } finally {
    await server?.stop();
    service.kill();
    await rm(catalog, { recursive: true, force: true });
  }
}

if (process.argv[2] === 'service') serveTokens();
else await run();
