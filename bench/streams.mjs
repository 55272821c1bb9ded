// What streams cost: 1 GiB in either direction, and thousands of event streams that are open at once.
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { growth, resident } from './memory.mjs';

const GIBIBYTE = 1024 ** 3;
const WANTED_STREAMS = 10_000;
/** File descriptors that a process needs beside those of the streams. */
const OTHER_FILES = 250;
/** Streams that are opened at the same time: more would overflow a listen queue. */
const AT_ONCE = 200;

/** Starts `upstream.mjs`. */
export async function startUpstream() {
  const file = path.join(path.dirname(fileURLToPath(import.meta.url)), 'upstream.mjs');
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await new Promise((resolve) => child.stdout.once('data', (text) => resolve(Number(text))));
  return { url: `http://127.0.0.1:${port}`, stop: () => child.kill() };
}

function request(url, headers, options = {}) {
  return new Promise((resolve, reject) => {
    http.request(url, { headers, agent: false, ...options }, resolve).on('error', reject).end();
  });
}

/** Receives 1 GiB; gives seconds and the growth of the server's memory in MiB. */
export async function download(server, headers) {
  const began = performance.now();
  const { result, grown } = await growth(server.process.pid, async () => {
    const response = await request(`${server.url}/proxy/bytes/${GIBIBYTE}`, headers);
    let received = 0;
    for await (const chunk of response) received += chunk.length;
    return received;
  });
  if (result !== GIBIBYTE) throw new Error(`received ${result} bytes`);
  return { seconds: (performance.now() - began) / 1000, grown };
}

/** Sends 1 GiB. */
export async function upload(server, headers) {
  const began = performance.now();
  const chunk = Buffer.alloc(256 * 1024, 'x');
  const { result, grown } = await growth(server.process.pid, () => new Promise((resolve, reject) => {
    const options = { method: 'POST', headers: { ...headers, 'content-length': GIBIBYTE, 'content-type': 'application/octet-stream' }, agent: false };
    const sending = http.request(`${server.url}/proxy/sink`, options, async (response) => {
      let text = '';
      for await (const piece of response) text += piece;
      resolve(JSON.parse(text).received);
    });
    sending.on('error', reject);
    (async () => {
      for (let left = GIBIBYTE; left > 0; left -= chunk.length) {
        if (!sending.write(chunk)) await new Promise((more) => sending.once('drain', more));
      }
      sending.end();
    })();
  }));
  if (result !== GIBIBYTE) throw new Error(`sent ${result} bytes`);
  return { seconds: (performance.now() - began) / 1000, grown };
}

/** Opens event streams, as many as file descriptors allow (two each at the server); gives the memory they hold. */
export async function eventStreams(server, headers) {
  const limits = await readFile(`/proc/${server.process.pid}/limits`, 'utf8');
  const files = Number(limits.match(/Max open files\s+\d+\s+(\d+)/)[1]);
  const count = Math.min(WANTED_STREAMS, Math.floor((files - OTHER_FILES) / 2));
  const before = await resident(server.process.pid);
  const open = [];
  const one = async () => {
    const response = await request(`${server.url}/proxy/events`, headers);
    if (response.statusCode !== 200) throw new Error(`a stream was answered ${response.statusCode}`);
    await new Promise((resolve) => response.once('data', resolve));
    open.push(response);
  };
  while (open.length < count) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - open.length) }, one));
  }
  const held = await resident(server.process.pid);
  open.forEach((response) => response.destroy());
  return { count, held, each: ((held - before) * 1024) / count };
}
