// A certified OpenID provider on this machine: PKCE required, refresh tokens rotate with reuse detection.
import { generateKeyPairSync } from 'node:crypto';
import http from 'node:http';

import Provider from 'oidc-provider';

import { freePort } from './harness.mjs';

/** Starts it with one client, `dovetail`, which proves itself by `method`. */
export async function startOpenidProvider({ redirectUri, method }) {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const client = {
    client_id: 'dovetail',
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
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
  const seen = { pkce: false };
  const provider = new Provider(issuer, {
    clients: [client],
    pkce: { required: () => true },
    rotateRefreshToken: true,
    scopes: ['openid', 'offline_access'],
    issueRefreshToken: async (ctx, c, code) => c.grantTypeAllowed('refresh_token') && code.scopes.has('offline_access'),
    features: { devInteractions: { enabled: true }, pushedAuthorizationRequests: { enabled: true } },
    findAccount: async (ctx, sub) => ({ accountId: sub, claims: async () => ({ sub }) }),
    cookies: { keys: ['test'] },
  });
  provider.on('authorization.success', (ctx) => (seen.pkce ||= Boolean(ctx.oidc.params.code_challenge)));
  const server = http.createServer(provider.callback());
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    issuer,
    clientSecret,
    seen,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
