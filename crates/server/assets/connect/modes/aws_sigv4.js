// AWS_SIGV4: a role that trusts us. The external ID is the server's: it is shown, never sent.

import { pick } from "./pick.js";

export default {
  path: "/auth/aws-sigv4",
  body: ({ credentials, params }) => ({
    ...pick(credentials, ["role_arn"]),
    ...pick({ ...params, ...credentials }, ["region"]),
  }),
};
