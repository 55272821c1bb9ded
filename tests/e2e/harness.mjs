// Starts the release binary in a folder of its own, and the small servers that the tests need beside it.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const BINARY =
  process.env.DOVETAIL_BIN ?? path.join(process.env.CARGO_TARGET_DIR ?? path.join(ROOT, 'target'), 'release/dovetail');

/** How long a server may take to become ready, in milliseconds. Generous: CI machines are slow. */
const READY_TIMEOUT_MS = 20_000;

/** A port of this machine that nobody listens on. */
export async function freePort() {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A running `dovetail serve`. */
export class Dovetail {
  /** Starts a server; `args` and `env` are added to the defaults of the tests. */
  static async start({ args = ['--simulate'], env = {}, dataDir, port } = {}) {
    const server = new Dovetail();
    server.port = port ?? (await freePort());
    server.url = `http://localhost:${server.port}`;
    server.ownsData = dataDir === undefined;
    server.dataDir = dataDir ?? (await mkdtemp(path.join(tmpdir(), 'dovetail-e2e-')));
    server.key = env.DOVETAIL_BOOTSTRAP_API_KEY ?? randomUUID();
    server.args = args;
    server.env = { DOVETAIL_BOOTSTRAP_API_KEY: server.key, DOVETAIL_RATE_LIMIT_PER_MIN: '0', ...env };
    await server.boot();
    return server;
  }

  /** Starts the process (again) on the same data and port, and waits until it is ready. */
  async boot() {
    const { PATH, HOME } = process.env;
    this.output = '';
    this.process = spawn(
      BINARY,
      ['serve', '--listen', `127.0.0.1:${this.port}`, '--data-dir', this.dataDir, ...this.args],
      { env: { PATH, HOME, ...this.env }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const exited = new Promise((resolve) => this.process.once('exit', (code, signal) => resolve({ code, signal })));
    this.exited = exited;
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text) => (this.output += text));
    }
    let gone = false;
    exited.then(() => (gone = true));
    const deadline = Date.now() + READY_TIMEOUT_MS;
    for (;;) {
      if (gone) throw new Error(`dovetail stopped while starting:\n${this.output}`);
      if (Date.now() > deadline) throw new Error(`dovetail was not ready in time:\n${this.output}`);
      const ready = await fetch(`${this.url}/ready`).then((answer) => answer.ok, () => false);
      if (ready) return;
      await pause(25);
    }
  }

  /** Ends the process as a power cut would. */
  async kill() {
    this.process.kill('SIGKILL');
    await this.exited;
  }

  /** Ends the process gracefully and removes its folder. */
  async stop() {
    this.process.kill('SIGTERM');
    const result = await this.exited;
    if (this.ownsData) await rm(this.dataDir, { recursive: true, force: true });
    return result;
  }

  /** Calls the API with the full-access key; returns status, headers and parsed body. */
  async api(method, pathAndQuery, body, headers = {}) {
    const answer = await fetch(this.url + pathAndQuery, {
      method,
      headers: {
        authorization: `Bearer ${this.key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    let data = text;
    try {
      data = JSON.parse(text);
    } catch {
      // Not every answer is JSON; the text is kept.
    }
    return { status: answer.status, headers: answer.headers, data };
  }

  /** The one-time set-up link that the first start prints. */
  setupLink() {
    return this.output.match(/https?:\/\/\S+\/dashboard\/setup\?token=\S+/)?.[0];
  }

  /** Creates an integration of `provider` under its own name unless `uniqueKey` says otherwise. */
  async integration(provider, uniqueKey = provider, extra = {}) {
    const answer = await this.api('POST', '/integrations', { provider, unique_key: uniqueKey, ...extra });
    if (answer.status !== 200) throw new Error(`creating ${uniqueKey}: ${JSON.stringify(answer.data)}`);
    return answer.data.data;
  }

  /** A fresh connect session; returns `{token, connect_link, expires_at}`. */
  async session(body = { end_user: { id: 'user-1', email: 'ana@example.com' } }) {
    const answer = await this.api('POST', '/connect/sessions', body);
    if (answer.status !== 201) throw new Error(`creating a session: ${JSON.stringify(answer.data)}`);
    return answer.data.data;
  }
}

/** The simulator's credentials by provider: `{coda: {'credentials.apiKey': '…'}, …}`. */
export async function demoCredentials() {
  const child = spawn(BINARY, ['mock', '--credentials', '--json'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (chunk) => (text += chunk));
  const code = await new Promise((resolve) => child.once('exit', resolve));
  if (code !== 0) throw new Error(`dovetail mock --credentials ended with ${code}`);
  return JSON.parse(text);
}

/** A server that records every request; `next(predicate)` waits for one. */
export class Receiver {
  static async start({ status = 200 } = {}) {
    const receiver = new Receiver();
    receiver.requests = [];
    receiver.waiters = [];
    receiver.status = status;
    receiver.server = http.createServer(async (request, response) => {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const entry = {
        method: request.method,
        url: request.url,
        headers: request.headers,
        raw: Buffer.concat(chunks),
      };
      entry.text = entry.raw.toString('utf8');
      receiver.requests.push(entry);
      const status = typeof receiver.status === 'function' ? receiver.status(entry) : receiver.status;
      response.writeHead(status).end();
      receiver.waiters = receiver.waiters.filter((waiter) => !waiter(entry));
    });
    await new Promise((resolve) => receiver.server.listen(0, '127.0.0.1', resolve));
    receiver.url = `http://127.0.0.1:${receiver.server.address().port}/hook`;
    return receiver;
  }

  /** The first request, past or future, that satisfies `predicate`. */
  next(predicate, timeoutMs = 15_000) {
    const found = this.requests.find(predicate);
    if (found) return Promise.resolve(found);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no such request arrived in time')), timeoutMs);
      this.waiters.push((entry) => {
        if (!predicate(entry)) return false;
        clearTimeout(timer);
        resolve(entry);
        return true;
      });
    });
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** Waits; only for polling a condition that has no event. */
export function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Polls `probe` until it returns something truthy. */
export async function eventually(probe, what, timeoutMs = 15_000) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`never happened: ${what}`);
    await pause(50);
  }
}
