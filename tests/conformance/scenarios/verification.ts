// Verified addresses: mails at sign-up and on request, what is refused without, and what a link does.
import { createHmac } from "node:crypto";
import { SECRET } from "../../world.ts";
import { address, call, mail, PASSWORD, signUp, sql, type Scenario } from "../script.ts";

const TOKEN = /token=([^&\s]+)/;
const signIn = { email: address("ada"), password: PASSWORD };

/** A token as the servers would sign it. */
function jwt(claims: Record<string, unknown>, secret = SECRET, header: object = { alg: "HS256" }) {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part(header)}.${part(claims)}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}
const FAR = 4_000_000_000;

export const verification: Scenario = {
  name: "verification",
  steps: [
    signUp("ada"),
    signUp("bob"),
    mail("no mail at sign-up unless it is required", address("ada"), "/verify-email?"),
    call("send without an address", "nobody", "POST /send-verification-email", {}),
    call("send to a bad address", "nobody", "POST /send-verification-email", { email: "ada" }),
    call("send to no one", "nobody", "POST /send-verification-email", { email: address("nobody") }),
    call("send with a callback elsewhere", "nobody", "POST /send-verification-email", { email: address("ada"), callbackURL: "https://evil.example" }),
    call("send to ada from outside", "nobody", "POST /send-verification-email", { email: address("ada"), callbackURL: "/done?x=1" }),
    mail("ada's first mail", address("ada"), "/verify-email?", { first: TOKEN }),
    call("send to bob as ada", "ada", "POST /send-verification-email", { email: address("bob") }),
    mail("bob has no mail", address("bob"), "/verify-email?"),
    call("send to ada as ada", "ada", "POST /send-verification-email", { email: "ADA@example.com" }),
    mail("ada's second mail", address("ada"), "/verify-email?", { second: TOKEN }),
    mail("no one has no mail", address("nobody"), "/verify-email?"),

    call("verify without a token", "nobody", "GET /verify-email"),
    call("verify with junk", "nobody", "GET /verify-email?token=junk"),
    call("verify with junk and a page", "nobody", "GET /verify-email?token=junk&callbackURL=%2Fdone%3Fx%3D1%23f"),
    call("verify with a page elsewhere", "nobody", "GET /verify-email?token={first}&callbackURL=https%3A%2F%2Fevil.example"),
    call("verify with another's signature", "nobody", `GET /verify-email?token=${jwt({ email: address("ada"), exp: FAR }, "another secret of enough length, really")}`),
    call("verify with no algorithm", "nobody", `GET /verify-email?token=${jwt({ email: address("ada"), exp: FAR }, SECRET, { alg: "none" })}`),
    call("verify with another algorithm", "nobody", `GET /verify-email?token=${jwt({ email: address("ada"), exp: FAR }, SECRET, { alg: "HS512" })}`),
    call("verify with an old token", "nobody", `GET /verify-email?token=${jwt({ email: address("ada"), exp: 1_700_000_000 })}`),
    call("verify with an old token and a page", "nobody", `GET /verify-email?token=${jwt({ email: address("ada"), exp: 1_700_000_000 })}&callbackURL=%2Fdone`),
    call("verify no one", "nobody", `GET /verify-email?token=${jwt({ email: address("nobody"), exp: FAR })}`),
    call("verify another user", "nobody", `GET /verify-email?token=${jwt({ email: address("ada"), userId: "another", exp: FAR })}`),
    call("verify without a claim", "nobody", `GET /verify-email?token=${jwt({ exp: FAR })}`, undefined, { status: 500 }),
    call("still not verified", "ada", "GET /get-session"),
    call("verify", "nobody", "GET /verify-email?token={first}"),
    call("verified", "ada", "GET /get-session"),
    call("verify again", "nobody", "GET /verify-email?token={first}"),
    call("verify again with a page", "nobody", "GET /verify-email?token={second}&callbackURL=%2Fdone%3Fx%3D1"),
    call("send to a verified address as its user", "ada", "POST /send-verification-email", { email: address("ada") }),
    call("send to a verified address from outside", "nobody", "POST /send-verification-email", { email: address("ada") }),
    mail("no third mail", address("ada"), "/verify-email?"),
    call("verify bob with a token without his id", "nobody", `GET /verify-email?token=${jwt({ email: address("bob"), exp: FAR })}&callbackURL=%2Fdone`),
    call("bob is verified", "bob", "GET /get-session"),
  ],
};

export const required: Scenario = {
  name: "verification required",
  vars: { REQUIRE_EMAIL_VERIFICATION: "true", SEND_VERIFICATION_ON_SIGN_IN: "true", AUTO_SIGN_IN_AFTER_VERIFICATION: "true", VERIFICATION_EXPIRES_IN: "7200" },
  steps: [
    call("sign-up", "ada", "POST /sign-up/email", { name: "ada", ...signIn, callbackURL: "/welcome" }, { keep: { ada: "body.user.id" } }),
    call("no session", "ada", "GET /get-session"),
    mail("a mail at sign-up", address("ada"), "/verify-email?", { first: TOKEN }),
    call("sign-up again looks the same", "nobody", "POST /sign-up/email", { name: "Eve", ...signIn, image: "https://example.com/e.png" }),
    mail("and sends nothing", address("ada"), "/verify-email?"),
    call("sign-in with a wrong password", "nobody", "POST /sign-in/email", { ...signIn, password: "wrong horse" }),
    call("sign-in", "nobody", "POST /sign-in/email", { ...signIn, callbackURL: "/home" }),
    mail("a mail at sign-in", address("ada"), "/verify-email?", { second: TOKEN }),
    call("verify signs in", "ada", "GET /verify-email?token={first}"),
    call("there is the session", "ada", "GET /get-session"),
    call("verify again", "ada", "GET /verify-email?token={second}&callbackURL=%2Fhome"),
    call("verify again elsewhere", "other", "GET /verify-email?token={second}&callbackURL=%2Fhome"),
    call("that is no session", "other", "GET /get-session"),
    call("sign-in when verified", "ada", "POST /sign-in/email", signIn),
  ],
};

export const unsigned: Scenario = {
  name: "sign-up without sign-in",
  vars: { AUTO_SIGN_IN: "false", SEND_VERIFICATION_ON_SIGN_UP: "true" },
  steps: [
    call("sign-up", "ada", "POST /sign-up/email", { name: "ada", ...signIn }),
    call("no session", "ada", "GET /get-session"),
    mail("a mail at sign-up", address("ada"), "/verify-email?", { first: TOKEN }),
    call("sign-up again looks the same", "nobody", "POST /sign-up/email", { name: "Eve", ...signIn }),
    mail("and sends nothing", address("ada"), "/verify-email?"),
    call("verify", "ada", "GET /verify-email?token={first}"),
    call("that is no session", "ada", "GET /get-session"),
    call("sign-in", "ada", "POST /sign-in/email", signIn),
  ],
};

export const closed: Scenario = {
  name: "sign-up disabled",
  vars: { DISABLE_SIGN_UP: "true" },
  steps: [
    call("sign-up", "nobody", "POST /sign-up/email", { name: "ada", ...signIn }),
    call("sign-up with a bad body", "nobody", "POST /sign-up/email", { name: "ada" }),
    call("sign-in of no one", "nobody", "POST /sign-in/email", signIn),
    sql("no one is there", "select count(*) as n from user"),
  ],
};
