// JWT: a key that signs tokens. The body is the definition's fields, all of them.

export default {
  path: "/auth/jwt",
  body: ({ credentials }) => ({ ...credentials }),
};
