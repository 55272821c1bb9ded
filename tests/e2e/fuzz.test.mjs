// Bad input on every route that /openapi.json describes: only documented 4xx, no 5xx, no crash, memory bounded.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { test } from 'node:test';

import { Dovetail } from './harness.mjs';
import { seeded } from './random.mjs';

const ROUNDS_PER_ROUTE = 60;
/** Bodies above this may be refused unread, in bytes. */
const UNREAD_BYTES = 32 * 1024;
/** Resident memory after the whole run, in MiB. Idle is far below; a leak or an unbounded body is far above. */
const MAX_RSS_MIB = 250;
/** Statuses that every route may answer for input that is wrong before the route sees it. */
const COMMON = [400, 401, 403, 404, 405, 413, 415, 429, 431];

const STRINGS = [
  '', ' ', '\u0000', '../../etc/passwd', '%2e%2e%2f', '%', '%zz', 'a'.repeat(300), 'é', '🦀', '\u202e', "' OR 1=1 --",
  '${apiKey}', '${connectionConfig.x} || y', '<script>', 'nango_connect_session_' + '0'.repeat(64), 'null', '-1',
  '1e309', '9007199254740993', '[object Object]', 'x@y', 'http://169.254.169.254/', 'javascript:alert(1)', '\r\nX: y',
];
const NAMES = [
  'provider', 'unique_key', 'connection_id', 'provider_config_key', 'end_user', 'tags', 'metadata', 'credentials',
  'type', 'limit', 'page', 'search', 'allowed_integrations', '__proto__', 'constructor', 'a[b]', '', 'id', 'apiKey',
  'username', 'password', 'params', 'webhook_url_override', 'name', 'scopes', 'environment_id', 'key_id', 'token',
  'event', 'timestamp', 'integrations_config_defaults', 'overrides', 'connection_config', 'custom',
];

function generator(random) {
  const pick = (list) => list[Math.floor(random() * list.length)];
  const text = () => (random() < 0.7 ? pick(STRINGS) : String.fromCodePoint(...Array.from({ length: 8 }, () => 32 + Math.floor(random() * 0xd000))));
  const value = (depth = 0) => {
    const kind = Math.floor(random() * (depth > 4 ? 5 : 8));
    switch (kind) {
      case 0: return null;
      case 1: return random() < 0.5;
      case 2: return pick([0, -1, 1.5, 1e21, 2 ** 53, Number.MAX_VALUE]);
      case 3: case 4: return text();
      case 5: return Array.from({ length: Math.floor(random() * 4) }, () => value(depth + 1));
      default:
        return Object.fromEntries(Array.from({ length: Math.floor(random() * 6) }, () => [pick(NAMES), value(depth + 1)]));
    }
  };
  const body = () => {
    const roll = random();
    if (roll < 0.1) return undefined;
    if (roll < 0.2) return '{"a":';
    if (roll < 0.25) return '['.repeat(5000);
    if (roll < 0.3) return `{"metadata":"${'x'.repeat(200_000)}"}`;
    if (roll < 0.35) return Buffer.from(Array.from({ length: 64 }, () => Math.floor(random() * 256)));
    return JSON.stringify(value());
  };
  const query = () => {
    if (random() < 0.3) return '';
    const pairs = Array.from({ length: 1 + Math.floor(random() * 4) }, () => {
      const name = random() < 0.5 ? pick(NAMES) : pick(['tags[a]', 'params[x]', 'tags[', ']', 'a[b][c][d][e][f][g]', 'params[webhook_url]', 'ids[]', '%', 'force_refresh', 'include']);
      return `${random() < 0.5 ? encodeURI(name) : encodeURIComponent(name)}=${encodeURIComponent(text())}`;
    });
    return `?${pairs.join('&')}`;
  };
  const segment = () => {
    const raw = text();
    return random() < 0.2 ? raw.replace(/[^\x21-\x7e]|[?#\s]/g, '') || 'x' : encodeURIComponent(raw) || 'x';
  };
  const contentType = () => pick(['application/json', 'application/json', 'application/json', 'application/json; charset=utf-16', 'text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', '', 'application/octet-stream']);
  return { pick, text, body, query, segment, contentType };
}

function send(port, method, path, headers, body) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, method, path, headers, setHost: true, agent: false }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString('utf8') }));
      response.on('error', reject);
    });
    request.on('error', (error) => {
      // A body that is too large is refused while it is still being sent; the answer may be lost with the connection.
      const refused = ['EPIPE', 'ECONNRESET'].includes(error.code) && Buffer.byteLength(body ?? '') > UNREAD_BYTES;
      if (refused) resolve({ status: 413, headers: {}, text: '' });
      else reject(error);
    });
    request.end(body);
  });
}

test('bad input on every described route gets a documented 4xx and nothing else', async () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`# seed ${seed}`);
  const make = generator(seeded(seed));
  const server = await Dovetail.start();
  try {
    await server.integration('coda');
    await server.integration('unauthenticated', 'open');
    const { data: description } = await server.api('GET', '/openapi.json');
    assert.ok(Object.keys(description.paths).length > 20);
    let sent = 0;
    for (const [template, operations] of Object.entries(description.paths)) {
      for (const [verb, operation] of Object.entries(operations)) {
        const method = verb.toUpperCase();
        if (!['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].includes(method)) continue;
        const documented = Object.keys(operation.responses ?? {}).map(Number);
        for (let round = 0; round < ROUNDS_PER_ROUTE; round += 1) {
          const { token } = round % 20 === 0 ? await server.session() : { token: 'x' };
          const path = template.replace(/\{[^}]+\}/g, () => make.segment()) + make.query();
          const headers = {
            authorization: make.pick([`Bearer ${server.key}`, `Bearer ${server.key}`, `Bearer ${token}`, make.text().replace(/[^\x20-\x7e]/g, '')]),
          };
          const type = make.contentType();
          const body = method === 'GET' && round % 3 ? undefined : make.body();
          if (type && body !== undefined) headers['content-type'] = type;
          if (round % 7 === 0) headers['provider-config-key'] = make.text().replace(/[^\x20-\x7e]/g, '?');
          const answer = await send(server.port, method, path, headers, body).catch((error) => {
            throw new Error(`${method} ${path}: ${error.message}\n${server.output.slice(-2000)}`);
          });
          sent += 1;
          const known = documented.includes(answer.status) || COMMON.includes(answer.status);
          assert.ok(answer.status < 500 && known, `${method} ${path} -> ${answer.status} ${answer.text.slice(0, 400)}\nbody: ${String(body).slice(0, 400)}`);
          if (answer.status >= 400 && /json/.test(answer.headers['content-type'] ?? '')) {
            const { error } = JSON.parse(answer.text);
            assert.equal(typeof error.code, 'string', answer.text);
          }
        }
      }
    }
    const status = await readFile(`/proc/${server.process.pid}/status`, 'utf8');
    const rss = Number(status.match(/VmRSS:\s+(\d+)/)[1]) / 1024;
    console.log(`# ${sent} requests, ${rss.toFixed(0)} MiB resident`);
    assert.ok(rss < MAX_RSS_MIB, `${rss} MiB resident`);
    assert.ok(!/panicked/.test(server.output), server.output.slice(-2000));
    assert.equal((await server.api('GET', '/health')).status, 200);
  } finally {
    await server.stop();
  }
});
