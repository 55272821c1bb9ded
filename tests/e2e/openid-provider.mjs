// A certified OpenID provider on this machine: PKCE required, refresh tokens rotate with reuse detection.
import { generateKeyPairSync } from 'node:crypto';
import http from 'node:http';

import Provider from 'oidc-provider';

import { freePort } from './harness.mjs';

/**
 * Starts it with one client, `dovetail`, which proves itself by `method`; with `pushed` it takes pushed authorization
 * requests alone. `accessTokenSeconds` is how long its access tokens live.
 */
export async function startOpenidProvider({ redirectUri, method, pushed = false, accessTokenSeconds = 3600 }) {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const client = {
    client_id: 'dovetail',
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    require_pushed_authorization_requests: pushed,
    response_types: ['code'],
    token_endpoint_auth_method: method,
  };
  let clientSecret = 'a secret: with % and +';
  if (method === 'private_key_jwt') {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const own = { kid: 'k1', use: 'sig', alg: 'ES256' };
    client.jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), ...own }] };
    client.token_endpoint_auth_signing_alg = 'ES256';
    clientSecret = JSON.stringify({ ...privateKey.export({ format: 'jwk' }), ...own });
  } else {
    client.client_secret = clientSecret;
  }
  // What it was asked, and what it thought of it.
  const seen = { pkce: false, pushed: 0, refreshes: 0, revocations: 0, refused: [] };
  const provider = new Provider(issuer, {
    clients: [client],
    pkce: { required: () => true },
    rotateRefreshToken: true,
    scopes: ['openid', 'offline_access'],
    issueRefreshToken: async (ctx, c, code) => c.grantTypeAllowed('refresh_token') && code.scopes.has('offline_access'),
    features: {
      devInteractions: { enabled: true },
      pushedAuthorizationRequests: { enabled: true },
      clientCredentials: { enabled: true },
      revocation: { enabled: true },
    },
    ttl: {
      ...{ Interaction: 3600, Session: 3600, Grant: 3600, RefreshToken: 3600, IdToken: 3600 },
      ...{ AccessToken: accessTokenSeconds, ClientCredentials: accessTokenSeconds },
    },
    findAccount: async (ctx, sub) => ({ accountId: sub, claims: async () => ({ sub }) }),
    cookies: { keys: ['test'] },
  });
  provider.on('authorization.success', (ctx) => (seen.pkce ||= Boolean(ctx.oidc.params.code_challenge)));
  provider.on('grant.success', (ctx) => (seen.refreshes += ctx.oidc.params.grant_type === 'refresh_token' ? 1 : 0));
  provider.on('grant.error', (ctx, error) => seen.refused.push(error.error_description ?? error.message));
  provider.on('grant.revoked', () => seen.refused.push('the grant was revoked'));
  const answer = provider.callback();
  const openid = { issuer, clientSecret, seen, severs: false };
  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url, issuer);
    if (request.method === 'POST' && pathname === '/request') seen.pushed += 1;
    if (request.method === 'POST' && pathname === '/token/revocation') seen.revocations += 1;
    // Sites that want it cut the window off from the page that opened it.
    if (openid.severs) response.setHeader('cross-origin-opener-policy', 'same-origin');
    return answer(request, response);
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  openid.stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return openid;
}
