// A service for the measurements that nginx cannot stand in for, in a process of its own: `node upstream.mjs`. Prints
// its port. `/bytes/N` answers N bytes, `/sink` counts what it is sent, `/events` is a stream that stays open.
import http from 'node:http';

const CHUNK = Buffer.alloc(256 * 1024, 'x');

async function bytes(response, wanted) {
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': wanted });
  for (let left = wanted; left > 0; left -= CHUNK.length) {
    const more = response.write(left >= CHUNK.length ? CHUNK : CHUNK.subarray(0, left));
    if (!more) await new Promise((resolve) => response.once('drain', resolve));
  }
  response.end();
}

const server = http.createServer(async (request, response) => {
  const [, what, number] = request.url.split('/');
  if (what === 'bytes') {
    await bytes(response, Number(number));
  } else if (what === 'sink') {
    let received = 0;
    for await (const chunk of request) received += chunk.length;
    response.end(JSON.stringify({ received }));
  } else {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: hello\n\n');
  }
});
server.keepAliveTimeout = 0;
server.requestTimeout = 0;
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => console.log(server.address().port));
