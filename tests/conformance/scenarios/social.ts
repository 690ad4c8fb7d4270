// What is answered about social sign-in where no provider is configured.
import { call, signUp, type Scenario } from "../script.ts";

export const social: Scenario = {
  name: "social",
  steps: [
    signUp("ada"),
    call("sign-in with nothing", "nobody", "POST /sign-in/social", {}),
    call("sign-in with wrong types", "nobody", "POST /sign-in/social", { provider: 1, callbackURL: "/ok", disableRedirect: "yes", scopes: "x" }),
    call("sign-in with an unknown provider", "nobody", "POST /sign-in/social", { provider: "github" }, { status: 404 }),
    call("sign-in with a provider of no kind", "nobody", "POST /sign-in/social", { provider: "nothing" }, { status: 404 }),
    call("sign-in with an id token", "nobody", "POST /sign-in/social", { provider: "google", idToken: { token: "x" } }, { status: 404 }),
    call("link of no one", "nobody", "POST /link-social", { provider: "github" }),
    call("link with nothing", "ada", "POST /link-social", {}),
    call("link with an unknown provider", "ada", "POST /link-social", { provider: "github", callbackURL: "/ok" }, { status: 404 }),
    call("callback without a state", "nobody", "GET /callback/github"),
    call("callback with an unknown state", "nobody", "GET /callback/github?state=nothing&code=x"),
    call("callback with an error", "nobody", "GET /callback/github?error=access_denied&state=nothing"),
    call("callback by POST", "nobody", "POST /callback/github", "state=nothing&code=x", { raw: true, headers: { "content-type": "application/x-www-form-urlencoded" } }),
    call("get-access-token of no one", "nobody", "POST /get-access-token", { accountId: "x" }),
    call("get-access-token with nothing", "ada", "POST /get-access-token", {}),
    call("get-access-token of an unknown account", "ada", "POST /get-access-token", { accountId: "nothing" }),
    call("get-access-token with more than asked", "ada", "POST /get-access-token", { accountId: "nothing", providerId: "github" }),
    call("refresh-token of no one", "nobody", "POST /refresh-token", { accountId: "x" }),
    call("refresh-token with nothing", "ada", "POST /refresh-token", {}),
    call("refresh-token of an unknown account", "ada", "POST /refresh-token", { accountId: "nothing" }),
    call("account-info of no one", "nobody", "GET /account-info?accountId=x"),
    call("account-info with nothing", "ada", "GET /account-info"),
    call("account-info of an unknown account", "ada", "GET /account-info?accountId=nothing"),
  ],
};
