// What the dashboard's preview shows without a session: an account that every catalogue has.

export const sample = {
  integration: { unique_key: "coda", provider: "coda", display_name: "Coda" },
  provider: {
    name: "coda",
    display_name: "Coda",
    auth_mode: "API_KEY",
    credentials: { apiKey: { type: "string", title: "API token", secret: true } },
  },
};
