// Better Auth's own client: Orgscope answers at /api/auth of the page's origin, and keeps the session in a cookie.
import { organizationClient } from "better-auth/client/plugins";
import { createAuthClient } from "better-auth/react";

export const auth = createAuthClient({ plugins: [organizationClient()] });
