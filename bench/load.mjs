// Load from `wrk` (as fast as it goes) and from `h2load` (at a fixed rate).
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

export const CONNECTIONS = 64;

async function run(command, args) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => (text += chunk));
  const code = await new Promise((resolve) => child.once('exit', resolve));
  if (code !== 0) throw new Error(`${command} ended with ${code}`);
  return text;
}

const fields = (headers) => Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);

/** Requests as fast as they are answered. */
export async function flatOut(url, headers, seconds) {
  const text = await run('wrk', ['-t', '1', '-c', CONNECTIONS, '-d', `${seconds}s`, '--latency', ...fields(headers), url].map(String));
  const found = (pattern) => text.match(pattern)?.[1];
  return {
    rps: Number(found(/Requests\/sec:\s+([\d.]+)/)),
    p50: found(/^\s+50%\s+(\S+)/m),
    p99: found(/^\s+99%\s+(\S+)/m),
    failed: Number(found(/Non-2xx or 3xx responses: (\d+)/) ?? 0),
  };
}

/** Latencies in milliseconds at about `rate` requests a second, evenly spread over the connections. */
export async function atRate(url, headers, rate, seconds, folder) {
  const log = path.join(folder, `latency-${Math.random()}.tsv`);
  const each = Math.round(rate / CONNECTIONS);
  await run('h2load', ['--h1', '-t', '1', '-c', CONNECTIONS, '--rps', each, '-n', each * CONNECTIONS * seconds, `--log-file=${log}`, ...fields(headers), url].map(String));
  const rows = (await readFile(log, 'utf8')).trim().split('\n').map((row) => row.split('\t').map(Number));
  // The first second opens connections.
  const begin = rows.reduce((first, [start]) => Math.min(first, start), Infinity) + 1e6;
  const counted = rows.filter(([start]) => start >= begin);
  const times = counted.map(([, , micros]) => micros / 1000).sort((a, b) => a - b);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
  return { p50: at(0.5), p99: at(0.99), failed: counted.filter(([, status]) => status !== 200).length };
}
