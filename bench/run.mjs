// Measures cold start, memory, reads and the proxy; the bare upstream and nginx in the same run, for comparison.
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';

import { Dovetail } from '../tests/e2e/harness.mjs';
import { CONNECTIONS, atRate, flatOut } from './load.mjs';
import { resident } from './memory.mjs';
import { startNginx } from './nginx.mjs';
import { download, eventStreams, startUpstream, upload } from './streams.mjs';

const SECONDS = Number(process.env.BENCH_SECONDS ?? 8);
const COLD_STARTS = 5;
/** Requests a second at which added latency is measured. */
const RATE = 1000;

const rows = [];
const row = (what, value, note = '') => rows.push([what, value, note]);
const percent = (part, whole) => `${((100 * part) / whole).toFixed(0)} %`;
const notes = ({ p50, p99, failed }) => `p50 ${p50}, p99 ${p99}${failed ? `, FAILED ${failed}` : ''}`;
const millis = (number) => `${number.toFixed(2)} ms`;

async function coldStarts() {
  const starts = [];
  for (let i = 0; i < COLD_STARTS; i += 1) {
    const began = performance.now();
    const server = await Dovetail.start({ args: [] });
    starts.push(performance.now() - began);
    await server.stop();
  }
  starts.sort((a, b) => a - b);
  row('ready, from an empty folder', `${starts[Math.floor(COLD_STARTS / 2)].toFixed(0)} ms`, `median of ${COLD_STARTS}, includes up to 25 ms of polling`);
}

async function speed(server, nginx, base, auth, via) {
  const connection = via(nginx.upstream);
  const read = await flatOut(`${base}/connections/${connection['Connection-Id']}?provider_config_key=open`, auth, SECONDS);
  row('GET /connections/{id}', `${read.rps.toFixed(0)} req/s`, notes(read));
  const bare = await flatOut(`http://127.0.0.1:${nginx.upstream}/docs`, {}, SECONDS);
  row('bare upstream', `${bare.rps.toFixed(0)} req/s`, notes(bare));
  const through = await flatOut(`http://127.0.0.1:${nginx.proxy}/docs`, {}, SECONDS);
  row('nginx proxy_pass, one worker', `${through.rps.toFixed(0)} req/s`, notes(through));
  const ours = await flatOut(`${base}/proxy/docs`, connection, SECONDS);
  row('proxied GET', `${ours.rps.toFixed(0)} req/s`, `${notes(ours)}; ${percent(ours.rps, through.rps)} of nginx`);
  row('resident memory, after the load', `${(await resident(server.process.pid)).toFixed(1)} MiB`);
}

async function latency(folder, nginx, base, via) {
  const bare = await atRate(`http://127.0.0.1:${nginx.upstream}/docs`, {}, RATE, SECONDS, folder);
  row(`bare upstream at ${RATE} req/s`, millis(bare.p50), `p99 ${millis(bare.p99)}`);
  const through = await atRate(`http://127.0.0.1:${nginx.proxy}/docs`, {}, RATE, SECONDS, folder);
  row(`nginx at ${RATE} req/s`, millis(through.p50), `p99 ${millis(through.p99)}; adds ${millis(through.p50 - bare.p50)}, p99 ${millis(through.p99 - bare.p99)}`);
  const ours = await atRate(`${base}/proxy/docs`, via(nginx.upstream), RATE, SECONDS, folder);
  row(`proxied GET at ${RATE} req/s`, millis(ours.p50), `p99 ${millis(ours.p99)}; adds ${millis(ours.p50 - bare.p50)}, p99 ${millis(ours.p99 - bare.p99)}${ours.failed ? `; FAILED ${ours.failed}` : ''}`);
}

async function streams(server, headers) {
  for (const [what, act] of [['1 GiB download', download], ['1 GiB upload', upload]]) {
    const { seconds, grown } = await act(server, headers);
    row(what, `+${grown.toFixed(1)} MiB`, `${(1024 / seconds).toFixed(0)} MiB/s, sender and receiver are Node.js`);
  }
  const { count, held, each } = await eventStreams(server, headers);
  row(`${count} open event streams`, `${held.toFixed(0)} MiB`, `${each.toFixed(1)} KiB each`);
}

const folder = await mkdtemp(path.join(tmpdir(), 'dovetail-bench-'));
const nginx = await startNginx(folder);
const upstream = await startUpstream();
let server;
try {
  await coldStarts();
  server = await Dovetail.start({ args: [], env: { DOVETAIL_EGRESS_ALLOW: '127.0.0.0/8', DOVETAIL_LOG: 'warn' } });
  row('resident memory, idle', `${(await resident(server.process.pid)).toFixed(1)} MiB`);
  await server.integration('unauthenticated', 'open');
  const { token } = await server.session();
  const link = `${server.url}/auth/unauthenticated/open?connect_session_token=${token}`;
  const linked = await fetch(link, { method: 'POST', headers: { 'content-type': 'application/json' } });
  const { connectionId } = await linked.json();
  const auth = { Authorization: `Bearer ${server.key}` };
  const to = (url) => ({ ...auth, 'Provider-Config-Key': 'open', 'Connection-Id': connectionId, 'Base-Url-Override': url });
  const via = (port) => to(`http://127.0.0.1:${port}`);
  const base = `http://127.0.0.1:${server.port}`;
  await speed(server, nginx, base, auth, via);
  await latency(folder, nginx, base, via);
  await streams(server, to(upstream.url));
} finally {
  await server?.stop();
  nginx.stop();
  upstream.stop();
  await rm(folder, { recursive: true, force: true });
}

const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
console.log(`${new Date().toISOString().slice(0, 10)}, ${commit}, ${cpus().length} x ${cpus()[0].model}, ${CONNECTIONS} connections, ${SECONDS} s each\n`);
console.log('| figure | value | note |\n| --- | --- | --- |');
for (const [what, value, note] of rows) console.log(`| ${what} | ${value} | ${note} |`);
