// The published node SDK, unchanged, against the release binary: every method it has. Once against one server on SQLite,
// once against two on one PostgreSQL that answer in turn.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Nango } from '@nangohq/node';

import { Dovetail, Receiver, demoCredentials, eventually } from './harness.mjs';
import { Replicas } from './replicas.mjs';

/** Providers of modes whose tokens the SDK takes apart. */
const OVERLAY = {
  'e2e-oauth2': `display_name: E2E OAuth 2
auth_mode: OAUTH2
authorization_url: https://e2e.test/authorize
token_url: https://e2e.test/token
docs: /guides/e2e-oauth2
`,
  'e2e-oauth1': `display_name: E2E OAuth 1
auth_mode: OAUTH1
request_url: https://e2e.test/request
authorization_url: https://e2e.test/authorize
token_url: https://e2e.test/token
signature_method: HMAC-SHA1
docs: /guides/e2e-oauth1
`,
};

/** Methods of the class that its declarations call private. */
const PRIVATE = ['constructor', '_triggerAction', '_verifyWebhookSignatureImpl', 'getConnectionDetails', 'enrichHeaders'];

/** Methods whose routes belong to later versions (syncs, records, actions, functions): told so at once, with a 404. */
const LATER = {
  getProviderTemplates: (nango) => nango.getProviderTemplates({ provider: 'coda' }),
  listFunctions: (nango) => nango.listFunctions({ uniqueKey: 'coda' }, { type: 'sync' }),
  getFunction: (nango) => nango.getFunction({ uniqueKey: 'coda', name: 'docs' }),
  getFunctionCode: (nango) => nango.getFunctionCode({ uniqueKey: 'coda', name: 'docs' }),
  deleteFunction: (nango) => nango.deleteFunction({ uniqueKey: 'coda', name: 'docs' }, { type: 'sync' }),
  getScriptsConfig: (nango) => nango.getScriptsConfig('openai'),
  listRecords: (nango) => nango.listRecords({ providerConfigKey: 'coda', connectionId: 'c', model: 'Doc', ids: ['a', 'b'] }),
  pruneRecords: (nango) => nango.pruneRecords({ providerConfigKey: 'coda', connectionId: 'c', model: 'Doc', untilCursor: 'x' }),
  triggerSync: (nango) => nango.triggerSync('coda', ['docs'], 'c', { reset: true }),
  startSync: (nango) => nango.startSync('coda', ['docs'], 'c'),
  pauseSync: (nango) => nango.pauseSync('coda', [{ name: 'docs', variant: 'v' }], 'c'),
  syncStatus: (nango) => nango.syncStatus('coda', '*', 'c'),
  updateSyncConnectionFrequency: (nango) => nango.updateSyncConnectionFrequency('coda', 'docs', 'c', '1h'),
  createSyncVariant: (nango) =>
    nango.createSyncVariant({ name: 'docs', variant: 'v', provider_config_key: 'coda', connection_id: 'c' }),
  deleteSyncVariant: (nango) =>
    nango.deleteSyncVariant({ name: 'docs', variant: 'v', provider_config_key: 'coda', connection_id: 'c' }),
  triggerAction: (nango) => nango.triggerAction('coda', 'c', 'create-doc', { title: 'Plan' }),
  triggerActionAsync: (nango) => nango.triggerActionAsync('coda', 'c', 'create-doc'),
  getAsyncActionResult: (nango) => nango.getAsyncActionResult({ id: randomUUID() }),
};

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

let overlay;
let demo;

before(async () => {
  overlay = await mkdtemp(path.join(tmpdir(), 'dovetail-overlay-'));
  for (const [name, definition] of Object.entries(OVERLAY)) {
    await mkdir(path.join(overlay, name));
    await writeFile(path.join(overlay, name, 'provider.yaml'), definition);
  }
  demo = await demoCredentials();
});
after(() => rm(overlay, { recursive: true, force: true }));

const SETUPS = {
  'one server on SQLite': () => Dovetail.start({ env: { DOVETAIL_CATALOG_DIR: overlay } }),
  'two servers on PostgreSQL, in turn': () => Replicas.start({ env: { DOVETAIL_CATALOG_DIR: overlay } }),
};
// Side by side: the SDK itself waits ten seconds before it first looks for a connection.
describe('the published node SDK', { concurrency: true }, () => {
  for (const [name, start] of Object.entries(SETUPS)) describe(name, { concurrency: 1 }, () => suite(start));
});

function suite(start) {
  let server;
  let nango;
  const driven = new Set();

  before(async () => {
    server = await start();
    nango = watched(new Nango({ host: server.url, secretKey: server.key }));
  });
  after(() => server.stop());

  /** The same object; remembers which methods the tests called. */
  function watched(sdk) {
    return new Proxy(sdk, {
      get(target, name) {
        const value = target[name];
        if (typeof value !== 'function') return value;
        driven.add(name);
        return value.bind(target);
      },
    });
  }

  /**
   * Reads until the answer shows what was just written. One server shows it at once; another replica hears of it
   * milliseconds later.
   */
  async function settled(read, shows) {
    if (server instanceof Replicas) return eventually(async () => ((await read().then(shows)) ? read() : null), 'replicas agree');
    const answer = await read();
    assert.ok(shows(answer), JSON.stringify(answer));
    return answer;
  }

  /** Imports an account with these credentials. */
  async function imported(key, credentials) {
    const answer = await server.api('POST', '/connections', { provider_config_key: key, credentials });
    assert.equal(answer.status, 201, JSON.stringify(answer.data));
    return answer.data.connection_id;
  }

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
    await assert.rejects(nango.getProvider({ provider: 'none-such' }), refusal(404, 'not_found'));
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
    const renamed = await nango.updateIntegration({ uniqueKey: 'coda-crud' }, { unique_key: 'coda-two', forward_webhooks: false });
    assert.equal(renamed.data.forward_webhooks, false);
    assert.equal((await nango.getIntegration({ uniqueKey: 'coda-two' })).data.display_name, 'Our Coda');
    assert.deepEqual((await nango.deleteIntegration('coda-two')).data, { success: true });
    await assert.rejects(nango.getIntegration({ uniqueKey: 'coda-two' }), refusal(404, 'not_found'));
    await assert.rejects(nango.deleteIntegration('coda-two'), refusal(404, 'not_found'));
    await assert.rejects(nango.updateIntegration({ uniqueKey: 'coda-two' }, {}), refusal(404, 'not_found'));
  });

  test('keeps the client of an OAuth integration, and tells it on request', async () => {
    const credentials = { type: 'OAUTH2', client_id: 'id-1', client_secret: 'secret-1', scopes: 'read,write' };
    await nango.createIntegration({ provider: 'e2e-oauth2', unique_key: 'oauth-crud', credentials });
    const { data } = await nango.getIntegration({ uniqueKey: 'oauth-crud' }, { include: ['webhook', 'credentials'] });
    assert.deepEqual(data.credentials, { ...credentials, webhook_secret: null });
    await assert.rejects(
      nango.createIntegration({ provider: 'e2e-oauth2', unique_key: 'bare' }),
      refusal(400, 'invalid_body'),
    );
    await nango.deleteIntegration('oauth-crud');
  });

  test('is told that nobody shares an app for a quick start', async () => {
    for (const provider of ['coda', 'e2e-oauth2']) {
      const body = { provider, unique_key: 'quick' };
      await assert.rejects(nango.createQuickstartIntegration(body), refusal(400, 'invalid_body'));
    }
    await assert.rejects(nango.getIntegration({ uniqueKey: 'quick' }), refusal(404, 'not_found'));
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
    assert.match(id, UUID);

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
    assert.deepEqual(await nango.getConnection('coda', id, true, true, true).then((full) => full.credentials), connection.credentials);

    await nango.patchConnection(
      { connectionId: id, provider_config_key: 'coda' },
      { tags: { Region: 'EU' }, end_user: { id: 'u1', email: 'ana@example.org' } },
    );
    const patched = await settled(() => nango.getConnection('coda', id), (full) => full.tags.region === 'EU');
    assert.deepEqual(patched.tags, { region: 'EU', end_user_id: 'u1', end_user_email: 'ana@example.org' });
    assert.equal(patched.end_user.email, 'ana@example.org');
    await assert.rejects(
      nango.patchConnection({ connectionId: 'nobody', provider_config_key: 'coda' }, {}),
      refusal(404, 'not_found'),
    );

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
      retryOn: [409],
      decompress: true,
      forwardHeadersOnRedirect: true,
    });
    assert.equal(posted.data.method, 'POST');
    assert.equal(posted.data.headers['x-custom'], 'yes');
    assert.match(posted.data.headers['content-type'], /^application\/json/);
    for (const method of ['put', 'patch', 'delete']) {
      const answer = await nango[method]({ providerConfigKey: 'coda', connectionId: id, endpoint: '/docs/1', data: { a: 1 } });
      assert.equal(answer.data.method, method.toUpperCase());
      assert.equal(answer.data.body, '{"a":1}');
    }
    const bytes = await nango.proxy({
      method: 'GET',
      providerConfigKey: 'coda',
      connectionId: id,
      endpoint: '/__stream?bytes=100000',
      responseType: 'arraybuffer',
    });
    assert.equal(bytes.data.byteLength, 100_000);
    await assert.rejects(
      nango.get({ providerConfigKey: 'coda', connectionId: id, endpoint: '/docs?__status=418' }),
      (error) => error.response.status === 418,
    );
    const elsewhere = { providerConfigKey: 'coda', connectionId: 'nobody', endpoint: '/docs' };
    await assert.rejects(nango.get(elsewhere), (error) => error.response.status >= 400 && error.response.status < 500);

    const again = await nango.createReconnectSession({ connection_id: id, integration_id: 'coda' });
    assert.match(again.data.token, /^nango_connect_session_/);

    assert.deepEqual((await nango.deleteConnection('coda', id)).data, { success: true });
    await eventually(() => nango.getConnection('coda', id).then(() => false, refusal(404, 'not_found')), 'the connection is gone');
    await assert.rejects(nango.deleteConnection('coda', id), refusal(400, 'unknown_connection'));
  });

  test('lists connections by every filter', async () => {
    await server.integration('coda', 'filters-a');
    await server.integration('ordinal', 'filters-b');
    const people = [
      ['filters-a', { id: 'f1', email: 'bo@filters.test', display_name: 'Bo Berg' }, { id: 'org-1' }],
      ['filters-a', { id: 'f2', email: 'cy@filters.test', display_name: 'Cy Cole' }, { id: 'org-2' }],
      ['filters-b', { id: 'f1', email: 'bo@filters.test', display_name: 'Bo Berg' }, { id: 'org-1' }],
    ];
    const ids = [];
    for (const [key, end_user, organization] of people) {
      const provider = key === 'filters-a' ? 'coda' : 'ordinal';
      const linked = await link(key, '/api-auth/api-key', { apiKey: demo[provider]['credentials.apiKey'] }, {}, { end_user, organization });
      assert.equal(linked.status, 200, JSON.stringify(linked.data));
      ids.push(linked.data.connectionId);
    }
    const [a1, a2, b1] = ids;
    const found = async (...args) => (await nango.listConnections(...args)).connections.map((item) => item.connection_id);

    assert.deepEqual(await found(a1), [a1]);
    assert.deepEqual(await found(undefined, 'CY@FILTERS'), [a2]);
    assert.deepEqual(await found(undefined, 'cole'), [a2]);
    assert.deepEqual(await found(undefined, undefined, { endUserId: 'f1' }), [b1, a1]);
    assert.deepEqual(await found(undefined, undefined, { endUserOrganizationId: 'org-2' }), [a2]);
    assert.deepEqual(await found(undefined, 'filters.test', { limit: 2 }), [b1, a2]);
    assert.deepEqual(await found(undefined, 'filters.test', { limit: 2, page: 1 }), [a1]);

    assert.deepEqual(await found({ connectionId: a2 }), [a2]);
    assert.deepEqual(await found({ userId: 'f1', integrationId: 'filters-a' }), [a1]);
    assert.deepEqual(await found({ integrationId: ['filters-a', 'filters-b'] }), [b1, a2, a1]);
    assert.deepEqual(await found({ tags: { displayName: 'Cy Cole' } }), [a2]);
    assert.deepEqual(await found({ tags: { email: 'bo@filters.test', Organization_Id: 'org-1' } }), [b1, a1]);
    assert.deepEqual(await found({ tags: { email: 'bo@filters.test', organization_id: 'org-2' } }), []);
    assert.deepEqual(await found({ integrationId: 'filters-a', limit: 1 }), [a2]);
    assert.deepEqual(await found({ integrationId: 'filters-a', limit: 1, page: 1 }), [a1]);
    assert.deepEqual(await found({ userId: 'nobody' }), []);
    await assert.rejects(found({ limit: 2001 }), refusal(400, 'invalid_query_params'));
    await assert.rejects(found({ tags: { '1st': 'x' } }), refusal(400, 'invalid_query_params'));
  });

  test('sets and merges metadata of one and of many connections', async () => {
    await server.integration('unauthenticated', 'many');
    const [one, two] = [await imported('many', { type: 'NONE' }), await imported('many', { type: 'NONE' })];
    const metadata = (id, plan) => settled(() => nango.getMetadata('many', id), (value) => value?.plan === plan);

    const set = await nango.setMetadata('many', [one, two], { plan: 'pro', nested: { a: 1 } });
    assert.equal(set.status, 201);
    assert.deepEqual(set.data.metadata, { plan: 'pro', nested: { a: 1 } });
    const merged = await nango.updateMetadata('many', one, { plan: 'team' });
    assert.equal(merged.status, 200);
    assert.deepEqual(await metadata(one, 'team'), { plan: 'team', nested: { a: 1 } });
    assert.deepEqual(await metadata(two, 'pro'), { plan: 'pro', nested: { a: 1 } });
    await assert.rejects(nango.updateMetadata('many', [one, 'nobody'], { plan: 'x' }), refusal(404, 'unknown_connection'));
    assert.equal((await metadata(one, 'team')).plan, 'team');
  });

  test('takes tokens apart by their kind', async () => {
    const client = { client_id: 'c', client_secret: 's' };
    await nango.createIntegration({ provider: 'e2e-oauth2', unique_key: 'two', credentials: { type: 'OAUTH2', ...client } });
    await nango.createIntegration({ provider: 'e2e-oauth1', unique_key: 'one', credentials: { type: 'OAUTH1', ...client } });
    const tokens = { type: 'OAUTH2', access_token: 'at-1', refresh_token: 'rt-1' };
    const second = await imported('two', tokens);
    assert.equal(await nango.getToken('two', second), 'at-1');
    const raw = await nango.getRawTokenResponse('two', second);
    assert.equal(raw.access_token, 'at-1');
    assert.equal(raw.refresh_token, undefined, 'refresh tokens stay here unless they are asked for');
    assert.equal((await nango.getConnection('two', second, false, true)).credentials.refresh_token, 'rt-1');

    const first = await imported('one', { type: 'OAUTH1', oauth_token: 't-1', oauth_token_secret: 'ts-1' });
    assert.deepEqual(await nango.getToken('one', first), { oAuthToken: 't-1', oAuthTokenSecret: 'ts-1' });

    await server.integration('twilio', 'pair');
    const pair = await imported('pair', {
      type: 'BASIC',
      username: demo.twilio['credentials.username'],
      password: demo.twilio['credentials.password'],
    });
    assert.equal((await nango.getToken('pair', pair)).password, demo.twilio['credentials.password']);
  });

  test('waits for a connection', async () => {
    await server.integration('unauthenticated', 'waited');
    const stop = new AbortController();
    const waiting = nango.waitForConnection('waited', 'w1');
    const givenUp = assert.rejects(nango.waitForConnection('waited', 'never', { signal: stop.signal }));
    const linked = await link('waited', '/auth/unauthenticated', {}, {}, { end_user: { id: 'w1' } });
    stop.abort();
    assert.equal((await waiting).connection_id, linked.data.connectionId);
    await givenUp;
  });

  test('reads environment variables', async () => {
    assert.deepEqual(await nango.getEnvironmentVariables(), []);
  });

  test('is refused at once what belongs to later versions', async () => {
    for (const [method, call] of Object.entries(LATER)) {
      await assert.rejects(call(nango), refusal(404, 'not_found'), method);
    }
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
      const sdk = watched(
        new Nango({ host: own.url, apiKey: own.key, webhookSigningKey: rotated.data.data.webhook_signing_key }),
      );
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
    await assert.rejects(wrong.listIntegrations(), refusal(401, 'unknown_account'));
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

  test('drove every method that the SDK has', () => {
    const offered = Object.getOwnPropertyNames(Nango.prototype).filter((name) => !PRIVATE.includes(name));
    assert.deepEqual(offered.filter((name) => !driven.has(name)), []);
  });

  test('was answered by every server', () => {
    if (!(server instanceof Replicas)) return;
    for (const answered of server.answered) assert.ok(answered > 50, `${server.answered}`);
  });
}

/** Whether a rejection is an answer with this status and code. */
function refusal(status, code) {
  return (error) => {
    assert.deepEqual([error.response?.status, error.response?.data?.error?.code], [status, code], String(error));
    return true;
  };
}
