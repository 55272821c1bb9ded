// SIGNATURE: user name and password that sign every request.

export default {
  path: "/auth/signature",
  body: ({ credentials }) => ({
    type: "SIGNATURE",
    username: credentials.username ?? "",
    password: credentials.password ?? "",
  }),
};
