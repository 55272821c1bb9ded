// NONE: nothing secret; the connection holds only its configuration.

export default {
  path: "/auth/unauthenticated",
  body: () => ({}),
};
