// 60 concurrent linkings while the server is killed at random moments: nothing that was answered is lost.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';

import { BINARY, Dovetail, demoCredentials, eventually, freePort, pause } from './harness.mjs';
import { seeded } from './random.mjs';

const LINKINGS = 60;
/** Linkings one after another in each of the concurrent lanes. The simulator's sink keeps 200 deliveries. */
const ROUNDS = 2;
/** Longest pause between two kills, in milliseconds. */
const MAX_PAUSE_MS = 500;
/** A delivery that died with its server is taken up when its lease ends; this is well beyond it. */
const DELIVERY_TIMEOUT_MS = 120_000;

test('every linking that was answered 200 survives kill -9, intact, with its webhook delivered', async () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`# seed ${seed}`);
  const random = seeded(seed);
  const mockPort = await freePort();
  const mock = spawn(BINARY, ['mock', '--listen', `127.0.0.1:${mockPort}`], { stdio: 'ignore' });
  const server = await Dovetail.start({ args: [`--simulate=http://127.0.0.1:${mockPort}`] });
  try {
    const demo = await demoCredentials();
    const key = demo.coda['credentials.apiKey'];
    await server.integration('coda');
    const { token } = await server.session({
      end_user: { id: 'chaos' },
      webhook_url_override: 'https://chaos.webhook.test/hook',
    });

    const answered = [];
    /** One person linking: tries again when the server is away, as a browser's user would. */
    async function linkOnce() {
      for (;;) {
        try {
          const answer = await fetch(`${server.url}/api-auth/api-key/coda?connect_session_token=${token}`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ apiKey: key }),
          });
          const data = await answer.json();
          assert.equal(answer.status, 200, JSON.stringify(data));
          answered.push(data.connectionId);
          return;
        } catch (error) {
          if (error instanceof assert.AssertionError) throw error;
          // The server was killed under us, or is not up again.
          await pause(50);
        }
      }
    }

    let working = true;
    let kills = 0;
    const killer = (async () => {
      while (working) {
        await pause(random() * MAX_PAUSE_MS);
        await server.kill();
        await server.boot();
        kills += 1;
      }
    })();
    const lanes = Array.from({ length: LINKINGS }, async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        await pause(random() * MAX_PAUSE_MS);
        await linkOnce();
      }
    });
    await Promise.all(lanes).finally(() => (working = false));
    await killer;
    assert.equal(answered.length, LINKINGS * ROUNDS);
    console.log(`# ${answered.length} linkings answered, ${kills} kills`);
    assert.equal(new Set(answered).size, answered.length, 'a connection id was given twice');

    for (const id of answered) {
      const { status, data } = await server.api('GET', `/connections/${id}?provider_config_key=coda`);
      assert.equal(status, 200, `${id}: ${JSON.stringify(data)}`);
      assert.deepEqual(data.credentials, { type: 'API_KEY', apiKey: key });
      assert.equal(data.tags.end_user_id, 'chaos');
    }
    await eventually(
      async () => {
        const sink = await fetch(`http://127.0.0.1:${mockPort}/__sink/chaos`).then((answer) => answer.text());
        return answered.every((id) => sink.includes(id));
      },
      'a webhook for every answered linking',
      DELIVERY_TIMEOUT_MS,
    );
  } finally {
    await server.stop();
    mock.kill();
  }
});
