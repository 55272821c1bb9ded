// OAUTH2_CC: a client of the service that the person made, exchanged for a token.

import { pick } from "./pick.js";

export default {
  path: "/oauth2/auth",
  body: ({ credentials }) =>
    pick(credentials, ["client_id", "client_secret", "client_certificate", "client_private_key"]),
};
