// The published node SDK, unchanged, against the release binary: every method for the routes that exist.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { Nango } from '@nangohq/node';

import { Dovetail, Receiver, demoCredentials } from './harness.mjs';

const KEY = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('the published node SDK', () => {
  let server;
  let nango;
  let demo;

  before(async () => {
    server = await Dovetail.start();
    nango = new Nango({ host: server.url, secretKey: server.key });
    demo = await demoCredentials();
  });
  after(() => server.stop());

  /** Links an account headlessly, as the frontend SDK's `auth` would. */
  async function link(key, path, body, params = {}, sessionBody) {
    const { token } = await server.session(sessionBody);
    const query = new URLSearchParams({ connect_session_token: token });
    for (const [name, value] of Object.entries(params)) query.set(`params[${name}]`, value);
    const answer = await fetch(`${server.url}${path}/${key}?${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: answer.status, data: await answer.json() };
  }

  test('lists and reads providers', async () => {
    const all = await nango.listProviders({});
    assert.ok(all.data.length >= 32, `${all.data.length} providers`);
    const found = await nango.listProviders({ search: 'coda' });
    assert.ok(found.data.some((provider) => provider.name === 'coda'));
    const { data } = await nango.getProvider({ provider: 'ordinal' });
    assert.equal(data.name, 'ordinal');
    assert.equal(data.auth_mode, 'API_KEY');
    assert.match(data.docs_connect, new RegExp(`^${server.url}/guides/ordinal`));
    await assert.rejects(nango.getProvider({ provider: 'none-such' }), (error) => error.response.status === 404);
  });

  test('creates, lists, reads, updates and deletes integrations', async () => {
    const created = await nango.createIntegration({ provider: 'coda', unique_key: 'coda-crud' });
    assert.equal(created.data.unique_key, 'coda-crud');
    const { configs } = await nango.listIntegrations();
    assert.ok(configs.some((config) => config.unique_key === 'coda-crud'));
    const one = await nango.getIntegration({ uniqueKey: 'coda-crud' }, { include: ['webhook'] });
    assert.equal(one.data.webhook_url, null);
    const updated = await nango.updateIntegration({ uniqueKey: 'coda-crud' }, { display_name: 'Our Coda' });
    assert.equal(updated.data.display_name, 'Our Coda');
    assert.deepEqual((await nango.deleteIntegration('coda-crud')).data, { success: true });
    await assert.rejects(nango.getIntegration({ uniqueKey: 'coda-crud' }), (error) => error.response.status === 404);
  });

  test('makes a session, links an account, reads it, uses it and deletes it', async () => {
    await server.integration('coda');
    const session = await nango.createConnectSession({
      end_user: { id: 'u1', email: 'ana@example.com', display_name: 'Ana' },
      organization: { id: 'acme' },
      allowed_integrations: ['coda'],
    });
    assert.match(session.data.token, /^nango_connect_session_[a-f0-9]{64}$/);
    assert.equal(session.data.connect_link, `${server.url}/connect/?session_token=${session.data.token}`);

    const refused = await link('coda', '/api-auth/api-key', { apiKey: 'not-the-key' });
    assert.equal(refused.status, 400);
    assert.equal(refused.data.error.code, 'connection_test_failed');
    assert.match(refused.data.error.message, /Coda/);
    assert.match(refused.data.error.message, /401/);

    const linked = await link('coda', '/api-auth/api-key', { apiKey: demo.coda['credentials.apiKey'] }, {}, {
      end_user: { id: 'u1', email: 'ana@example.com', display_name: 'Ana' },
      organization: { id: 'acme' },
    });
    assert.equal(linked.status, 200, JSON.stringify(linked.data));
    const id = linked.data.connectionId;
    assert.match(id, KEY);

    const connection = await nango.getConnection('coda', id);
    assert.equal(connection.connection_id, id);
    assert.deepEqual(connection.credentials, { type: 'API_KEY', apiKey: demo.coda['credentials.apiKey'] });
    assert.equal(connection.end_user.id, 'u1');
    assert.equal(connection.end_user.organization.id, 'acme');
    assert.equal(connection.tags.end_user_email, 'ana@example.com');
    assert.match(connection.created_at, /\+00:00$/);
    assert.deepEqual(await nango.getToken('coda', id), connection.credentials);

    const listed = await nango.listConnections({ userId: 'u1' });
    assert.deepEqual(listed.connections.map((item) => item.connection_id), [id]);
    assert.deepEqual((await nango.listConnections(undefined, 'ana@example')).connections.length, 1);
    assert.deepEqual((await nango.listConnections({ tags: { email: 'ana@example.com' } })).connections.length, 1);
    assert.deepEqual((await nango.listConnections({ userId: 'nobody' })).connections, []);
    const waited = await nango.waitForConnection('coda', 'u1');
    assert.equal(waited.connection_id, id);

    await nango.setMetadata('coda', id, { plan: 'pro', nested: { a: 1 } });
    await nango.updateMetadata('coda', id, { plan: 'team' });
    assert.deepEqual(await nango.getMetadata('coda', id), { plan: 'team', nested: { a: 1 } });

    await nango.patchConnection({ connectionId: id, provider_config_key: 'coda' }, { tags: { Region: 'EU' } });
    assert.deepEqual((await nango.getConnection('coda', id)).tags, { region: 'EU' });

    const echo = await nango.get({ providerConfigKey: 'coda', connectionId: id, endpoint: '/docs', params: { limit: '2' } });
    assert.equal(echo.status, 200);
    assert.equal(echo.data.url, 'https://coda.io/apis/v1/docs?limit=2');
    assert.equal(echo.data.headers.authorization, `Bearer ${demo.coda['credentials.apiKey']}`);
    const posted = await nango.post({
      providerConfigKey: 'coda',
      connectionId: id,
      endpoint: '/docs',
      data: { title: 'Plan' },
      headers: { 'X-Custom': 'yes' },
      retries: 2,
    });
    assert.equal(posted.data.method, 'POST');
    assert.equal(posted.data.headers['x-custom'], 'yes');
    assert.match(posted.data.headers['content-type'], /^application\/json/);
    for (const method of ['put', 'patch', 'delete']) {
      const answer = await nango[method]({ providerConfigKey: 'coda', connectionId: id, endpoint: '/docs/1' });
      assert.equal(answer.data.method, method.toUpperCase());
    }

    const again = await nango.createReconnectSession({ connection_id: id, integration_id: 'coda' });
    assert.match(again.data.token, /^nango_connect_session_/);

    assert.deepEqual((await nango.deleteConnection('coda', id)).data, { success: true });
    await assert.rejects(nango.getConnection('coda', id), (error) => error.response.status === 404);
    await assert.rejects(nango.deleteConnection('coda', id), (error) => {
      assert.equal(error.response.status, 400);
      return error.response.data.error.code === 'unknown_connection';
    });
  });

  test('reads environment variables', async () => {
    assert.deepEqual(await nango.getEnvironmentVariables(), []);
  });

  test('verifies the webhook of a linked account with the SDK', async () => {
    const receiver = await Receiver.start();
    const own = await Dovetail.start({ args: [], env: { DOVETAIL_EGRESS_ALLOW: '127.0.0.0/8' } });
    try {
      await own.integration('unauthenticated', 'open');
      // The signing key is what the rotation endpoint answers.
      const rotated = await own.api('POST', '/environment/webhook-signing-key/rotate');
      assert.equal(rotated.status, 200, JSON.stringify(rotated.data));
      const { token } = await own.session({
        end_user: { id: 'u9', tags: { team: 'ops' } },
        webhook_url_override: receiver.url,
      });
      const answer = await fetch(`${own.url}/auth/unauthenticated/open?connect_session_token=${token}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
      });
      assert.equal(answer.status, 200, await answer.clone().text());
      const { connectionId } = await answer.json();
      const delivery = await receiver.next((entry) => entry.text.includes(connectionId));
      const sdk = new Nango({
        host: own.url,
        apiKey: own.key,
        webhookSigningKey: rotated.data.data.webhook_signing_key,
      });
      assert.equal(sdk.verifyIncomingWebhookRequest(delivery.text, delivery.headers), true);
      assert.equal(sdk.verifyIncomingWebhookRequest(`${delivery.text} `, delivery.headers), false);
      assert.equal(sdk.verifyWebhookSignature(delivery.headers['x-nango-signature'], JSON.parse(delivery.text)), true);
      const event = JSON.parse(delivery.text);
      assert.equal(event.type, 'auth');
      assert.equal(event.operation, 'creation');
      assert.equal(event.success, true);
      assert.equal(event.authMode, 'NONE');
      assert.equal(event.endUser.endUserId, 'u9');
    } finally {
      await own.stop();
      await receiver.stop();
    }
  });

  test('gets precise refusals', async () => {
    const wrong = new Nango({ host: server.url, secretKey: randomUUID() });
    await assert.rejects(wrong.listIntegrations(), (error) => {
      assert.equal(error.response.status, 401);
      return error.response.data.error.code === 'unknown_account';
    });
    await assert.rejects(nango.createConnectSession({}), (error) => {
      assert.deepEqual(error.response.data.error, {
        code: 'invalid_body',
        errors: [
          { code: 'invalid_type', message: 'Invalid input: expected object, received undefined', path: ['end_user'] },
        ],
      });
      return error.response.status === 400;
    });
  });
});
