// BASIC: user name and password, either of which a provider may leave empty.

export default {
  path: "/api-auth/basic",
  body: ({ credentials }) => ({ username: credentials.username ?? "", password: credentials.password ?? "" }),
};
