// TWO_STEP: fields that are exchanged for a token; the assertion's are used once and not kept.

export default {
  path: "/auth/two-step",
  body: ({ credentials, assertionOption }) => ({
    ...credentials,
    type: "TWO_STEP",
    ...(Object.keys(assertionOption).length > 0 ? { assertionOption } : {}),
  }),
};
