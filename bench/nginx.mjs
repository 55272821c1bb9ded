// Nginx as the upstream (answers a small JSON) and as a proxy with one worker in front of it.
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { freePort } from '../tests/e2e/harness.mjs';

const ANSWER = '{"id":"doc-1","name":"Plan","type":"doc","href":"https://coda.io/apis/v1/docs/doc-1"}';

/** Starts both in `folder`; gives their ports. */
export async function startNginx(folder) {
  const [upstream, proxy] = [await freePort(), await freePort()];
  const scratch = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`);
  const servers = {
    upstream: `server { listen 127.0.0.1:${upstream} backlog=4096; location / { default_type application/json; return 200 '${ANSWER}'; } }`,
    proxy: `upstream up { server 127.0.0.1:${upstream}; keepalive 128; }
      server { listen 127.0.0.1:${proxy} backlog=4096; location / { proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection ""; } }`,
  };
  const children = [];
  for (const [name, server] of Object.entries(servers)) {
    const file = path.join(folder, `${name}.conf`);
    const text = `pid ${folder}/${name}.pid; daemon off; error_log stderr crit; worker_processes 1;
      events { worker_connections 4096; }
      http { access_log off; keepalive_requests 1000000; ${scratch.join(' ')} ${server} }`;
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
