// Services of the modes that sign or log in, as one server for `--simulate=<url>`. Each checks credentials on its own:
// signatures are computed here, not believed.
import { createHash, createHmac, createVerify, generateKeyPairSync } from 'node:crypto';
import http from 'node:http';

const hmac = (key, text, encoding) => createHmac('sha256', key).update(text).digest(encoding);
const hash = (name, text) => createHash(name).update(text).digest('hex');

/** What the services accept, by field of the form. */
export const RIGHT = {
  '8x8': { 'credentials.client_id': 'cid', 'credentials.client_secret': 's:%+ecret' },
  'ghost-admin': {
    'connection_config.adminDomain': 'acme.ghost.io',
    'connection_config.version': 'v5.0',
    'credentials.privateKey': `${'0123456789abcdef01234567'}:${'ab'.repeat(32)}`,
  },
  agencyzoom: { 'credentials.username': 'ana@acme.test', 'credentials.password': 'p & q' },
  'netsuite-tba': {
    'connection_config.accountId': '1234567-sb1',
    'credentials.oauth_client_id_override': 'ck',
    'credentials.oauth_client_secret_override': 'cs',
    'credentials.token_id': 'tk',
    'credentials.token_secret': 'ts',
  },
  emarsys: { 'credentials.username': 'acme001', 'credentials.password': 's3cret-pw' },
  bill: {
    'credentials.username': 'ana@acme.test',
    'credentials.password': 'pw',
    'credentials.organization_id': '00801',
    'credentials.dev_key': 'dk',
  },
  'aws-sigv4': { 'credentials.role_arn': 'arn:aws:iam::123456789012:role/team/PartnerAccess' },
};

/** The key of Dovetail's own AWS user, and those of the role that it assumes. */
export const AWS = { id: 'AKIADEMODEMODEMODEMO', secret: 'own/secret' };
const ROLE_KEYS = { id: 'ASIAROLE', secret: 'role/secret', token: 'session+token' };

/** The app that is installed: its integration has the private half. */
const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const APP = {
  app_id: '77',
  app_link: 'https://github.com/apps/joinery',
  private_key: pair.privateKey.export({ type: 'pkcs1', format: 'pem' }).trim(),
};

/** A plug-in that is installed at a website. */
export const PLUGIN = { app_link: 'https://app.crisp.chat/initiate/plugin/77/', username: 'plugin', password: 'key' };
const WEBSITE = '8c842203-7ed8-4e29-a608-7cf78a7d2fcc';
const PLUGIN_ID = '185fd7ee-7cc7-4fd9-8b8b-ef7d3a7fd2b5';

/** A JWT's payload, if its signature is right. */
function opened(token, verify) {
  const [head, payload, signature] = (token ?? '').split('.');
  if (!signature || !verify(`${head}.${payload}`, Buffer.from(signature, 'base64url'))) return null;
  const claims = JSON.parse(Buffer.from(payload, 'base64url'));
  return claims.exp * 1000 > Date.now() ? { head: JSON.parse(Buffer.from(head, 'base64url')), claims } : null;
}

const isApp = (token) =>
  opened(token, (text, signature) =>
    createVerify('RSA-SHA256').update(text).verify(pair.publicKey, signature),
  )?.claims.iss === APP.app_id;

/** AWS Signature Version 4, from the documentation of AWS. */
function isSigned({ method, url, headers, body }, keys) {
  const match = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d+)\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=(\w+)$/.exec(
    headers.authorization ?? '',
  );
  if (!match) return false;
  const [, id, day, region, service, names, signature] = match;
  const all = { ...headers, host: url.host };
  const listed = names.split(';').map((name) => `${name}:${all[name].trim()}\n`).join('');
  const query = [...url.searchParams].map((pair) => pair.map(encodeURIComponent).join('=')).sort().join('&');
  const request = [method, url.pathname, query, listed, names, hash('sha256', body)].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, hash('sha256', request)].join('\n');
  const key = [day, region, service, 'aws4_request'].reduce((key, part) => hmac(key, part), `AWS4${keys.secret}`);
  return id === keys.id && hmac(key, text, 'hex') === signature;
}

/** The signed parameters of an OAuth 1.0a header (RFC 5849), if they are signed with these secrets. */
function signedBy({ method, url, headers }, consumerSecret, tokenSecret) {
  const fields = Object.fromEntries(
    [...(headers.authorization ?? '').matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, decodeURIComponent(value)]),
  );
  const { realm, oauth_signature: signature, ...signed } = fields;
  const encode = (text) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const all = [...Object.entries(signed), ...url.searchParams];
  const params = all.map((pair) => pair.map(encode).join('=')).sort().join('&');
  const base = [method, encode(url.origin + url.pathname), encode(params)].join('&');
  const algorithm = signed.oauth_signature_method?.replace('HMAC-', '').toLowerCase();
  const key = `${encode(consumerSecret)}&${encode(tokenSecret)}`;
  const right = createHmac(algorithm ?? 'sha1', key).update(base).digest('base64') === signature;
  return right ? { realm, ...signed } : null;
}

/** NetSuite names the account in the realm. */
function isTba(call, form) {
  const { 'credentials.oauth_client_secret_override': consumer, 'credentials.token_secret': token } = form;
  const signed = signedBy(call, consumer, token);
  return signed?.realm === '1234567_SB1' && signed.oauth_token === form['credentials.token_id'];
}

/** WSSE as Emarsys documents it. */
function isWsse({ headers }, form) {
  const field = (name) => new RegExp(`${name}="([^"]*)"`).exec(headers['x-wsse'] ?? '')?.[1];
  const digest = Buffer.from(hash('sha1', field('Nonce') + field('Created') + form['credentials.password'])).toString('base64');
  return field('Username') === form['credentials.username'] && field('PasswordDigest') === digest;
}

const json = (body, status = 200) => ({ status, type: 'application/json', body: JSON.stringify(body) });
const text = (body, status = 200) => ({ status, type: 'text/plain', body });
const xml = (body, status = 200) => ({ status, type: 'text/xml', body });
const bearer = ({ headers }) => headers.authorization?.replace(/^\w+ /, '');

/** What a page of a provider offers: links back, by the id of each. */
function page(links) {
  const items = Object.entries(links).map(([id, href]) => `<a id="${id}" href="${href}">${id}</a>`);
  return { status: 200, type: 'text/html', body: `<!doctype html><html lang="en"><title>Service</title>${items.join(' ')}</html>` };
}

/** By host and path; each answers the request. `seen` is what tests look at. */
function services(seen) {
  const own = (call) => (isApp(bearer(call)) ? null : json({ message: 'Bad credentials' }, 401));
  const plugin = ({ headers }) =>
    headers.authorization === `Basic ${Buffer.from(`${PLUGIN.username}:${PLUGIN.password}`).toString('base64')}`
      ? null
      : json({ error: true }, 401);
  return {
    'api.8x8.com/oauth/v2/token': ({ headers }) => {
      const { 'credentials.client_id': id, 'credentials.client_secret': secret } = RIGHT['8x8'];
      const right = headers.authorization === `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
      return right ? json({ access_token: 'cc', expires_in: 3600 }) : json({ error: 'invalid_client' }, 401);
    },
    'acme.ghost.io/ghost/api/admin/users': (call) => {
      const [id, secret] = RIGHT['ghost-admin']['credentials.privateKey'].split(':');
      const key = Buffer.from(secret, 'hex');
      const token = opened(bearer(call), (text, signature) => hmac(key, text).equals(signature));
      return token?.head.kid === id && token.claims.aud === '/admin/' ? json({ users: [] }) : json({ errors: [] }, 401);
    },
    'api.agencyzoom.com/v1/api/auth/login': ({ body }) => {
      const { username, password } = JSON.parse(body);
      const form = RIGHT.agencyzoom;
      const right = username === form['credentials.username'] && password === form['credentials.password'];
      return right ? json({ jwt: 'jwt-1' }) : json({ message: 'Wrong user name or password' }, 401);
    },
    '1234567-sb1.suitetalk.api.netsuite.com/services/rest/record/v1/record': (call) =>
      isTba(call, RIGHT['netsuite-tba']) ? json({ signed: true }) : json({ title: 'Invalid signature' }, 401),
    'api.emarsys.net/api/v2/settings': (call) => (isWsse(call, RIGHT.emarsys) ? json({ replyCode: 0 }) : json({}, 401)),
    'gateway.prod.bill.com/connect/v3/login': ({ body }) => {
      const given = JSON.parse(body);
      const form = RIGHT.bill;
      const right = given.password === form['credentials.password'] && given.devKey === form['credentials.dev_key'];
      return right
        ? json({ sessionId: 'sid', organizationId: given.organizationId, userId: '006' })
        : json([{ message: 'Invalid credentials' }], 401);
    },
    'sts.eu-central-1.amazonaws.com/': (call) => {
      const form = new URLSearchParams(call.body || call.url.search);
      if (form.get('Action') === 'GetCallerIdentity') {
        const arn = 'arn:aws:sts::123456789012:assumed-role/PartnerAccess/dovetail';
        return isSigned(call, ROLE_KEYS) && call.headers['x-amz-security-token'] === ROLE_KEYS.token
          ? xml(`<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>${arn}</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`)
          : xml('<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code></Error></ErrorResponse>', 403);
      }
      seen.externalIds.push(form.get('ExternalId'));
      const right = isSigned(call, AWS) && form.get('RoleArn') === RIGHT['aws-sigv4']['credentials.role_arn'];
      const keys = `<AccessKeyId>${ROLE_KEYS.id}</AccessKeyId><SecretAccessKey>${ROLE_KEYS.secret}</SecretAccessKey><SessionToken>${ROLE_KEYS.token}</SessionToken>`;
      const until = new Date(Date.now() + 3_600_000).toISOString();
      return right
        ? xml(`<AssumeRoleResponse><AssumeRoleResult><Credentials>${keys}<Expiration>${until}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`)
        : xml('<ErrorResponse><Error><Code>AccessDenied</Code><Message>Not authorized to assume the role</Message></Error></ErrorResponse>', 403);
    },
    // Trello: three legs, each signed with what the one before gave.
    'trello.com/1/OAuthGetRequestToken': (call) => {
      const signed = signedBy(call, 's', '');
      seen.trello = signed?.oauth_callback;
      return signed ? text('oauth_token=rt&oauth_token_secret=rs&oauth_callback_confirmed=true') : text('invalid signature', 401);
    },
    'trello.com/1/OAuthAuthorizeToken': ({ url }) => {
      const back = (more) => `${seen.trello}${seen.trello.includes('?') ? '&' : '?'}oauth_token=${url.searchParams.get('oauth_token')}${more}`;
      return page({ allow: back('&oauth_verifier=v'), foreign: back('&denied=true') });
    },
    'trello.com/1/OAuthGetAccessToken': (call) =>
      signedBy(call, 's', 'rs')?.oauth_verifier === 'v'
        ? text('oauth_token=at&oauth_token_secret=as')
        : text('invalid signature', 401),
    'api.trello.com/1/members/me': (call) => (signedBy(call, 's', 'as')?.oauth_token === 'at' ? json({ id: 'me' }) : json({}, 401)),
    // Crisp: the page on which a plug-in is installed, and what its API says to the plug-in.
    'app.crisp.chat/initiate/plugin/77/': ({ url }) => {
      const state = url.searchParams.get('payload');
      const back = (token) => `${seen.dovetail}/oauth/callback?website_id=${WEBSITE}&token=${token}&payload=${state}`;
      return page({ allow: back('website-token'), foreign: back('guessed') });
    },
    'api.crisp.chat/v1/plugin/connect/account': (call) => plugin(call) ?? json({ error: false, data: { plugin_id: PLUGIN_ID } }),
    [`api.crisp.chat/v1/plugins/subscription/${WEBSITE}/${PLUGIN_ID}/settings`]: (call) =>
      plugin(call) ?? json({ error: false, data: { token: 'website-token' } }),
    // GitHub: the page on which an app is installed, and what its API says of installations.
    'github.com/apps/joinery/installations/new': ({ url }) => {
      const state = url.searchParams.get('state');
      const installed = (id) => `installation_id=${id}&setup_action=install&state=${state}`;
      return page({
        allow: `${seen.dovetail}/oauth/callback?code=gh-code&${installed(42)}`,
        foreign: `${seen.dovetail}/oauth/callback?code=gh-code&${installed(41)}`,
      });
    },
    'github.com/login/oauth/access_token': ({ body }) =>
      new URLSearchParams(body).get('code') === 'gh-code' || body.includes('gh-code')
        ? json({ access_token: 'gh-user', token_type: 'bearer', scope: 'repo' })
        : json({ error: 'bad_verification_code' }),
    'api.github.com/user/installations': (call) =>
      bearer(call) === 'gh-user' ? json({ total_count: 1, installations: [{ id: 42 }] }) : json({}, 401),
    'api.github.com/app/installations/42': (call) =>
      own(call) ?? json({ id: 42, app_id: 77, created_at: new Date(Date.now() + 1_000).toISOString() }),
    // Somebody else installed it, long ago.
    'api.github.com/app/installations/41': (call) => own(call) ?? json({ id: 41, app_id: 77, created_at: '2020-01-01T00:00:00Z' }),
    'api.github.com/app/installations/42/access_tokens': (call) =>
      own(call) ?? json({ token: 'gh-installation', expires_at: new Date(Date.now() + 3_600_000).toISOString() }, 201),
  };
}

/** Starts them; `seen.dovetail` has to be told where browsers are sent back to. */
export async function startServices() {
  const seen = { externalIds: [], unknown: [], dovetail: '' };
  const known = services(seen);
  const server = http.createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const url = new URL(request.headers['dovetail-simulated-url'] ?? `http://${request.headers.host}${request.url}`);
    const { method, headers } = request;
    const service = known[url.host + url.pathname];
    if (!service) seen.unknown.push(`${method} ${url.href}`);
    const answer = service?.({ method, headers, url, body: Buffer.concat(chunks).toString('utf8') }) ?? json({}, 404);
    response.writeHead(answer.status, { 'content-type': answer.type }).end(answer.body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    seen,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
