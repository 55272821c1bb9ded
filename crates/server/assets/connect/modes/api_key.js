// API_KEY: one key.

export default {
  path: "/api-auth/api-key",
  body: ({ credentials }) => ({ apiKey: credentials.apiKey ?? "" }),
};
