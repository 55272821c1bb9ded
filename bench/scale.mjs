// A million connections in one database: how long they take to import, what they weigh, and whether anything a product
// or a person asks for gets slower. `BENCH_CONNECTIONS` sets another number.
import { writeFileSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { Dovetail } from '../tests/e2e/harness.mjs';
import { CONNECTIONS } from './load.mjs';
import { resident } from './memory.mjs';

const WANTED = Number(process.env.BENCH_CONNECTIONS ?? 1_000_000);
const SECONDS = Number(process.env.BENCH_SECONDS ?? 8);
const rows = [];
const row = (what, value, note = '') => rows.push([what, value, note]);

/** Runs `wrk` with a script that makes each request. */
function wrk(folder, script, seconds, base, key) {
  const file = path.join(folder, 'script.lua');
  writeFileSync(file, script);
  const args = ['-t', '1', '-c', String(CONNECTIONS), '-d', `${seconds}s`, '--latency', '-s', file, '-H', `Authorization: Bearer ${key}`, base];
  const text = execFileSync('wrk', args, { encoding: 'utf8' });
  const found = (pattern) => text.match(pattern)?.[1];
  return {
    rps: Number(found(/Requests\/sec:\s+([\d.]+)/)),
    p99: found(/^\s+99%\s+(\S+)/m),
    failed: Number(found(/Non-2xx or 3xx responses: (\d+)/) ?? 0),
  };
}

/** Imports connections 1 to `WANTED`, `CONNECTIONS` at a time. */
async function importAll(server) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const headers = { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' };
  const one = (n) => new Promise((resolve, reject) => {
    const options = { agent, host: '127.0.0.1', port: server.port, path: '/connections', method: 'POST', headers };
    const sending = http.request(options, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (piece) => (text += piece));
      answer.once('end', () => (answer.statusCode === 201 ? resolve() : reject(new Error(`${answer.statusCode}: ${text}`))));
    });
    sending.once('error', reject);
    sending.end(JSON.stringify({
      provider_config_key: 'unauthenticated',
      connection_id: `c-${n}`,
      credentials: { type: 'NONE' },
      tags: { team: `t${n % 1000}` },
    }));
  });
  let next = 1;
  await Promise.all(Array.from({ length: CONNECTIONS }, async () => {
    while (next <= WANTED) await one(next++);
  }));
  agent.destroy();
}

const reading = `
  math.randomseed(7)
  function request() return wrk.format(nil, "/connections/c-" .. math.random(1, ${WANTED}) .. "?provider_config_key=unauthenticated") end`;

async function timed(what, server, url) {
  const took = [];
  for (let i = 0; i < 5; i += 1) {
    const began = performance.now();
    const answer = await server.api('GET', url);
    if (answer.status !== 200) throw new Error(`${url}: ${answer.status}`);
    took.push(performance.now() - began);
  }
  took.sort((a, b) => a - b);
  row(what, `${took[2].toFixed(1)} ms`, `slowest of five ${took[4].toFixed(1)} ms`);
}

const folder = await mkdtemp(path.join(tmpdir(), 'dovetail-scale-'));
let server = await Dovetail.start({ args: [], dataDir: folder, env: { DOVETAIL_LOG: 'warn' } });
try {
  await server.integration('unauthenticated');
  const base = `http://127.0.0.1:${server.port}`;
  const began = performance.now();
  await importAll(server);
  const seconds = (performance.now() - began) / 1000;
  row(`import of ${WANTED} connections`, `${seconds.toFixed(0)} s`, `${(WANTED / seconds).toFixed(0)} a second`);
  row('resident memory after it', `${(await resident(server.process.pid)).toFixed(0)} MiB`);
  const sizes = await Promise.all((await readdir(folder)).map(async (name) => (await stat(path.join(folder, name))).size));
  row('files', `${(sizes.reduce((sum, size) => sum + size, 0) / 1024 ** 2).toFixed(0)} MiB`);
  const { key } = server;
  await server.kill();
  const restart = performance.now();
  await server.boot();
  row('ready, after a kill', `${(performance.now() - restart).toFixed(0)} ms`);
  const read = wrk(folder, reading, SECONDS, base, key);
  row('GET /connections/{id}, any of them', `${read.rps.toFixed(0)} req/s`, `p99 ${read.p99}, failed ${read.failed}: one in a hundred is in the cache`);
  await timed('GET /connections, first page', server, '/connections?limit=100');
  await timed('GET /connections?page=1000', server, '/connections?limit=100&page=1000');
  await timed('GET /connections?connectionId=c-777', server, '/connections?connectionId=c-777');
  await timed('GET /connections by tag', server, '/connections?limit=100&tags[team]=t7');
  await timed('GET /integrations', server, '/integrations');
  row('resident memory at the end', `${(await resident(server.process.pid)).toFixed(0)} MiB`);
} finally {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}
console.log('| figure | value | note |\n| --- | --- | --- |');
for (const [what, value, note] of rows) console.log(`| ${what} | ${value} | ${note} |`);
