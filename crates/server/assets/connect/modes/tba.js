// TBA: a permanent token, and a consumer of the person's own where the application has none.

import { pick } from "./pick.js";

export default {
  path: "/auth/tba",
  body: ({ credentials }) =>
    pick(credentials, [
      "token_id",
      "token_secret",
      "oauth_client_id_override",
      "oauth_client_secret_override",
    ]),
};
