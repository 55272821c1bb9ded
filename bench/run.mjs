// Measures cold start, memory, reads and the proxy; the bare upstream and nginx in the same run, for comparison.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';

import { Dovetail, freePort } from '../tests/e2e/harness.mjs';

const SECONDS = Number(process.env.BENCH_SECONDS ?? 8);
const CONNECTIONS = 64;
const COLD_STARTS = 5;

/** Nginx as the upstream (answers a small JSON) and as a proxy with one worker in front of it. */
async function startNginx(folder) {
  const [upstream, proxy] = [await freePort(), await freePort()];
  const common = `pid %PID%; daemon off; error_log stderr crit; worker_processes 1;\nevents { worker_connections 4096; }\n`;
  const http = (body) => `http { access_log off; keepalive_requests 1000000; client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;\n${body}\n}\n`;
  const files = {
    upstream: common.replace('%PID%', `${folder}/upstream.pid`) + http(`server { listen 127.0.0.1:${upstream} backlog=4096; location / { default_type application/json; return 200 '{"id":"doc-1","name":"Plan","type":"doc","href":"https://coda.io/apis/v1/docs/doc-1"}'; } }`),
    proxy: common.replace('%PID%', `${folder}/proxy.pid`) + http(`upstream up { server 127.0.0.1:${upstream}; keepalive 128; }\nserver { listen 127.0.0.1:${proxy} backlog=4096; location / { proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection ""; } }`),
  };
  const children = [];
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, `${name}.conf`);
    await writeFile(file, text);
    children.push(spawn('/usr/sbin/nginx', ['-c', file, '-p', folder], { stdio: 'ignore' }));
  }
  for (const port of [upstream, proxy]) {
    for (let tries = 0; tries < 100; tries += 1) {
      if (await fetch(`http://127.0.0.1:${port}/`).then(() => true, () => false)) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  return { upstream, proxy, stop: () => children.forEach((child) => child.kill()) };
}

function wrk(url, headers = {}) {
  const args = ['-t', '1', '-c', String(CONNECTIONS), '-d', `${SECONDS}s`, '--latency'];
  for (const [name, value] of Object.entries(headers)) args.push('-H', `${name}: ${value}`);
  const { stdout } = spawnSync('wrk', [...args, url], { encoding: 'utf8' });
  const number = (pattern) => stdout.match(pattern)?.[1] ?? '?';
  const failed = stdout.match(/Non-2xx or 3xx responses: (\d+)/)?.[1] ?? '0';
  return { rps: Number(number(/Requests\/sec:\s+([\d.]+)/)), p50: number(/^\s+50%\s+(\S+)/m), p99: number(/^\s+99%\s+(\S+)/m), failed };
}

async function rss(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(status.match(/VmRSS:\s+(\d+)/)[1]) / 1024;
}

const rows = [];
const row = (what, value, note = '') => rows.push([what, value, note]);
const folder = await mkdtemp(path.join(tmpdir(), 'dovetail-bench-'));
const nginx = await startNginx(folder);
let server;
try {
  const starts = [];
  for (let i = 0; i < COLD_STARTS; i += 1) {
    const began = performance.now();
    server = await Dovetail.start({ args: [] });
    starts.push(performance.now() - began);
    await server.stop();
  }
  starts.sort((a, b) => a - b);
  row('ready, from an empty folder', `${starts[Math.floor(starts.length / 2)].toFixed(0)} ms`, `median of ${COLD_STARTS}, includes up to 25 ms of polling`);

  server = await Dovetail.start({ args: [], env: { DOVETAIL_EGRESS_ALLOW: '127.0.0.0/8', DOVETAIL_LOG: 'warn' } });
  row('resident memory, idle', `${(await rss(server.process.pid)).toFixed(1)} MiB`);
  await server.integration('unauthenticated', 'open');
  await server.integration('coda');
  const { token } = await server.session();
  const linked = await fetch(`${server.url}/auth/unauthenticated/open?connect_session_token=${token}`, { method: 'POST', headers: { 'content-type': 'application/json' } });
  const { connectionId } = await linked.json();
  const auth = { Authorization: `Bearer ${server.key}` };
  const base = `http://127.0.0.1:${server.port}`;

  const read = wrk(`${base}/connections/${connectionId}?provider_config_key=open`, auth);
  row('GET /connections/{id}', `${read.rps.toFixed(0)} req/s`, `p50 ${read.p50}, p99 ${read.p99}, failed ${read.failed}`);
  const bare = wrk(`http://127.0.0.1:${nginx.upstream}/docs`);
  row('bare upstream', `${bare.rps.toFixed(0)} req/s`, `p50 ${bare.p50}, p99 ${bare.p99}`);
  const through = wrk(`http://127.0.0.1:${nginx.proxy}/docs`);
  row('nginx proxy_pass, one worker', `${through.rps.toFixed(0)} req/s`, `p50 ${through.p50}, p99 ${through.p99}`);
  const ours = wrk(`${base}/proxy/docs`, { ...auth, 'Provider-Config-Key': 'open', 'Connection-Id': connectionId, 'Base-Url-Override': `http://127.0.0.1:${nginx.upstream}` });
  row('proxied GET', `${ours.rps.toFixed(0)} req/s`, `p50 ${ours.p50}, p99 ${ours.p99}, failed ${ours.failed}; ${((100 * ours.rps) / through.rps).toFixed(0)} % of nginx`);
  row('resident memory, after the load', `${(await rss(server.process.pid)).toFixed(1)} MiB`);
} finally {
  await server?.stop();
  nginx.stop();
  await rm(folder, { recursive: true, force: true });
}

const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
console.log(`${new Date().toISOString().slice(0, 10)}, ${commit}, ${cpus().length} x ${cpus()[0].model}, ${CONNECTIONS} connections, ${SECONDS} s each\n`);
console.log('| figure | value | note |\n| --- | --- | --- |');
for (const [what, value, note] of rows) console.log(`| ${what} | ${value} | ${note} |`);
