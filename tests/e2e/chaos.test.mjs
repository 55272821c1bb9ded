// 60 concurrent linkings while the server is killed at random moments: nothing that was answered is lost.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';

import { BINARY, Dovetail, demoCredentials, eventually, freePort, pause } from './harness.mjs';
import { seeded } from './random.mjs';

const LINKINGS = 60;
const KILLS = 6;
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
    let running = true;
    /** One person linking: tries again when the server is away, as a browser's user would. */
    async function linkOnce() {
      while (running) {
        try {
          const answer = await fetch(`${server.url}/api-auth/api-key/coda?connect_session_token=${token}`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ apiKey: key }),
          });
          const data = await answer.json();
          if (answer.status === 200) {
            answered.push(data.connectionId);
            return;
          }
          // A server that is going down may refuse, but never with an unexplained failure.
          assert.ok(answer.status < 500, `${answer.status} ${JSON.stringify(data)}`);
          assert.fail(`${answer.status} ${JSON.stringify(data)}`);
        } catch (error) {
          if (error instanceof assert.AssertionError) throw error;
          await pause(20);
        }
      }
    }

    const killer = (async () => {
      for (let kill = 0; kill < KILLS; kill += 1) {
        await pause(random() * MAX_PAUSE_MS);
        await server.kill();
        await server.boot();
      }
    })();
    // People keep coming until the last kill is over, so that every kill hits linkings under way.
    let people = 0;
    const lanes = Array.from({ length: LINKINGS }, async () => {
      await linkOnce();
      people += 1;
      while (!(await Promise.race([killer.then(() => true), Promise.resolve(false)]))) {
        await linkOnce();
        people += 1;
        await pause(random() * 100);
      }
    });
    await killer;
    await Promise.all(lanes);
    running = false;
    assert.ok(people >= LINKINGS && answered.length >= LINKINGS);
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
    console.log(`# ${answered.length} linkings answered, ${KILLS} kills`);
  } finally {
    await server.stop();
    mock.kill();
  }
});
