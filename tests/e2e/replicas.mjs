// Two servers on one PostgreSQL, behind a balancer that hands them requests in turn.
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';

import { Dovetail, freePort } from './harness.mjs';

const POSTGRES_ROOT = '/usr/lib/postgresql';

/**
 * Runs until its standard input closes, which it does when the tests end in any way. Durability is switched off: the
 * data is thrown away.
 */
const POSTGRES_SCRIPT = `
set -eu
bin=$1
dir=$(mktemp -d /tmp/dovetail-pg.XXXXXX)
cd "$dir"
trap 'rm -rf "$dir"' EXIT
"$bin/initdb" -D "$dir/data" -U dovetail -A trust -E UTF8 --locale=C --no-sync >"$dir/log" 2>&1 || { cat "$dir/log" >&2; exit 1; }
"$bin/postgres" -D "$dir/data" -k "$dir" -c listen_addresses= -c fsync=off -c synchronous_commit=off \
  -c full_page_writes=off >>"$dir/log" 2>&1 </dev/null &
pid=$!
tries=0
until "$bin/pg_isready" -q -h "$dir"; do
  tries=$((tries + 1))
  [ "$tries" -lt 300 ] || { cat "$dir/log" >&2; kill -QUIT "$pid"; exit 1; }
  sleep 0.05
done
echo "$dir"
read -r _ || true
kill -QUIT "$pid"
wait "$pid" || true
`;

/** A PostgreSQL server of the tests' own, run by an ordinary user because it refuses to run as root. */
export class Postgres {
  static async start() {
    const versions = existsSync(POSTGRES_ROOT) ? readdirSync(POSTGRES_ROOT) : [];
    const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
    if (!newest) throw new Error('PostgreSQL is not installed: scripts/install-test-deps installs it');
    const user = process.getuid() === 0 ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'] : ['env'];
    const [program, ...args] = [...user, 'sh', '-c', POSTGRES_SCRIPT, 'sh', path.join(POSTGRES_ROOT, newest, 'bin')];
    const postgres = new Postgres();
    postgres.bin = path.join(POSTGRES_ROOT, newest, 'bin');
    postgres.process = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    postgres.process.stdout.setEncoding('utf8');
    postgres.folder = await new Promise((resolve, reject) => {
      postgres.process.stdout.once('data', (text) => resolve(text.trim()));
      postgres.process.once('exit', (code) => reject(new Error(`PostgreSQL did not start: ${code}`)));
    });
    return postgres;
  }

  /** The URL of a new, empty database. */
  database() {
    const name = `e2e_${randomUUID().slice(0, 8)}`;
    const args = ['-U', 'dovetail', '-h', this.folder, '-T', 'template0', name];
    const made = spawnSync(path.join(this.bin, 'createdb'), args, { encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`cannot make a database: ${made.stderr}`);
    return `postgres://dovetail@localhost/${name}?host=${encodeURIComponent(this.folder)}`;
  }

  async stop() {
    const exited = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.stdin.end();
    await exited;
  }
}

/** What a route names to lose a request. */
export const LOST = -1;

/** Two servers, used like one: clients see the balancer's URL alone. */
export class Replicas extends Dovetail {
  /** `route(request)` may name the server of a request, by number; others are handed out in turn. */
  static async start({ env: extra = {}, args, port, route = () => undefined } = {}) {
    const replicas = new Replicas();
    replicas.route = route;
    replicas.tunnels = new Set();
    replicas.postgres = await Postgres.start();
    replicas.port = port ?? (await freePort());
    replicas.url = `http://localhost:${replicas.port}`;
    replicas.key = randomUUID();
    // One encryption key for both, as an operator of several replicas must give.
    const env = {
      DOVETAIL_BOOTSTRAP_API_KEY: replicas.key,
      DOVETAIL_DATABASE_URL: replicas.postgres.database(),
      DOVETAIL_ENCRYPTION_KEY: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64'),
      DOVETAIL_PUBLIC_URL: replicas.url,
      ...extra,
    };
    // Both at once: migrations and first set-up happen under a lock.
    replicas.servers = await Promise.all([Dovetail.start({ env, args }), Dovetail.start({ env, args })]);
    replicas.answered = replicas.servers.map(() => 0);
    await replicas.listen();
    return replicas;
  }

  /** Hands requests to the servers in turn, streaming both ways. */
  async listen() {
    let turn = 0;
    this.balancer = http.createServer((request, response) => {
      const which = this.route(request) ?? turn++ % this.servers.length;
      if (which === LOST) return response.destroy();
      this.answered[which] += 1;
      const { method, url: path, headers } = request;
      const onward = http.request({ host: '127.0.0.1', port: this.servers[which].port, method, path, headers }, (answer) => {
        response.writeHead(answer.statusCode, answer.rawHeaders);
        answer.pipe(response);
      });
      onward.on('error', () => response.destroy());
      request.pipe(onward);
    });
    this.balancer.on('upgrade', (request, client) => {
      const which = this.route(request) ?? turn++ % this.servers.length;
      const server = net.connect(this.servers[which].port, '127.0.0.1', () => {
        const { rawHeaders } = request;
        const fields = rawHeaders.map((text, at) => (at % 2 ? `${text}\r\n` : `${text}: `)).join('');
        server.write(`${request.method} ${request.url} HTTP/1.1\r\n${fields}\r\n`);
        server.pipe(client).pipe(server);
      });
      const tunnel = { which, end: () => [server, client].forEach((socket) => socket.destroy()) };
      this.tunnels.add(tunnel);
      for (const socket of [server, client]) {
        socket.on('error', tunnel.end);
        socket.on('close', () => this.tunnels.delete(tunnel));
      }
    });
    await new Promise((resolve) => this.balancer.listen(this.port, '127.0.0.1', resolve));
  }

  async stop() {
    for (const tunnel of this.tunnels) tunnel.end();
    this.balancer.closeAllConnections();
    await new Promise((resolve) => this.balancer.close(resolve));
    await Promise.all(this.servers.map((server) => server.stop()));
    await this.postgres.stop();
  }
}
