// BILL: a login whose session is renewed by logging in again.

export default {
  path: "/auth/bill",
  body: ({ credentials }) => ({
    username: credentials.username ?? "",
    password: credentials.password ?? "",
    organization_id: credentials.organization_id ?? "",
    dev_key: credentials.dev_key ?? "",
  }),
};
