// The reference: better-auth's own server, in this process, on a SQLite file.
import { DatabaseSync } from "node:sqlite";
import { betterAuth, type BetterAuthOptions } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { bearer, organization } from "better-auth/plugins";
import { createAccessControl } from "better-auth/plugins/access";
import { adminAc, defaultStatements, memberAc, ownerAc } from "better-auth/plugins/organization/access";

export const ORIGIN = "http://localhost:3000";

/** Takes what the reference would mail: to whom, and what it is about (a link, or an id). */
export type Outbox = (to: string, text: string) => void;

/** The options that our tables are made for: e-mail and password, organizations with teams and roles of their own. */
export function options(file: string, secret: string): BetterAuthOptions {
  return configured(new DatabaseSync(file), ORIGIN, secret, {}, () => {});
}

/** The reference's options that say what our variables `vars` say (docs/configuration.md). */
export function configured(
  database: DatabaseSync,
  baseURL: string,
  secret: string,
  vars: Record<string, string>,
  mail: Outbox,
): BetterAuthOptions {
  const flag = (name: string, byDefault = false) => (name in vars ? vars[name] === "true" : byDefault);
  const number = (name: string) => (name in vars ? Number(vars[name]) : undefined);
  const link = async ({ user, url }: { user: { email: string }; url: string }) => mail(user.email, url);
  const cache = vars.COOKIE_CACHE as "compact" | "jwt" | "jwe" | undefined;
  const resources = JSON.parse(vars.PERMISSION_RESOURCES ?? "{}") as Record<string, string[]>;
  const ac = createAccessControl({ ...defaultStatements, ...resources });
  const creation = vars.ALLOW_USER_TO_CREATE_ORGANIZATION ?? "true";
  return {
    database,
    baseURL,
    secret,
    trustedOrigins: vars.BETTER_AUTH_TRUSTED_ORIGINS?.split(",") ?? [],
    emailAndPassword: {
      enabled: true,
      disableSignUp: flag("DISABLE_SIGN_UP"),
      autoSignIn: flag("AUTO_SIGN_IN", true),
      requireEmailVerification: flag("REQUIRE_EMAIL_VERIFICATION"),
      revokeSessionsOnPasswordReset: flag("REVOKE_SESSIONS_ON_PASSWORD_RESET"),
      resetPasswordTokenExpiresIn: number("RESET_PASSWORD_TOKEN_EXPIRES_IN"),
      sendResetPassword: link,
    },
    emailVerification: {
      sendOnSignUp: "SEND_VERIFICATION_ON_SIGN_UP" in vars ? flag("SEND_VERIFICATION_ON_SIGN_UP") : undefined,
      sendOnSignIn: flag("SEND_VERIFICATION_ON_SIGN_IN"),
      autoSignInAfterVerification: flag("AUTO_SIGN_IN_AFTER_VERIFICATION"),
      expiresIn: number("VERIFICATION_EXPIRES_IN"),
      sendVerificationEmail: link,
    },
    user: {
      changeEmail: {
        enabled: flag("CHANGE_EMAIL"),
        updateEmailWithoutVerification: flag("UPDATE_EMAIL_WITHOUT_VERIFICATION"),
        ...(flag("CHANGE_EMAIL_CONFIRMATION") && { sendChangeEmailConfirmation: link }),
      },
      deleteUser: {
        enabled: flag("DELETE_USER"),
        deleteTokenExpiresIn: number("DELETE_TOKEN_EXPIRES_IN"),
        ...(flag("DELETE_USER_VERIFICATION") && { sendDeleteAccountVerification: link }),
      },
    },
    session: {
      expiresIn: number("SESSION_EXPIRES_IN"),
      updateAge: number("SESSION_UPDATE_AGE"),
      freshAge: number("SESSION_FRESH_AGE"),
      cookieCache: { enabled: cache !== undefined, strategy: cache, maxAge: number("COOKIE_CACHE_MAX_AGE") },
    },
    rateLimit: { enabled: flag("RATE_LIMIT"), storage: "memory" },
    advanced: {
      ipAddress: { ipAddressHeaders: ["cf-connecting-ip"] },
      // In a test the reference would leave both out.
      disableOriginCheck: false,
      disableCSRFCheck: false,
    },
    plugins: [
      bearer(),
      organization({
        allowUserToCreateOrganization: creation === "verified" ? (user) => user.emailVerified : creation === "true",
        organizationLimit: number("ORGANIZATION_LIMIT"),
        membershipLimit: number("MEMBERSHIP_LIMIT"),
        invitationLimit: number("INVITATION_LIMIT"),
        invitationExpiresIn: number("INVITATION_EXPIRES_IN"),
        cancelPendingInvitationsOnReInvite: flag("CANCEL_PENDING_INVITATIONS_ON_RE_INVITE"),
        requireEmailVerificationOnInvitation: flag("REQUIRE_EMAIL_VERIFICATION_ON_INVITATION"),
        disableOrganizationDeletion: flag("DISABLE_ORGANIZATION_DELETION"),
        teams: {
          enabled: true,
          maximumTeams: number("MAXIMUM_TEAMS"),
          maximumMembersPerTeam: number("MAXIMUM_MEMBERS_PER_TEAM"),
          allowRemovingAllTeams: flag("ALLOW_REMOVING_ALL_TEAMS"),
        },
        ac,
        roles: {
          owner: ac.newRole({ ...ownerAc.statements, ...resources }),
          admin: ac.newRole(adminAc.statements),
          member: ac.newRole(memberAc.statements),
        },
        dynamicAccessControl: { enabled: true, maximumRolesPerOrganization: number("MAXIMUM_ROLES_PER_ORGANIZATION") },
        sendInvitationEmail: async ({ email, id }) => mail(email, id),
      }),
    ],
    logger: { disabled: true },
    telemetry: { enabled: false },
  };
}

/** Sends JSON to the handler of a better-auth server, and gives status, body and session cookie. */
export function sender(handler: (request: Request) => Promise<Response>) {
  return async (method: string, path: string, body?: unknown, cookie?: string) => {
    const headers = new Headers({ origin: ORIGIN });
    if (body !== undefined) headers.set("content-type", "application/json");
    if (cookie) headers.set("cookie", cookie);
    const response = await handler(
      new Request(`${ORIGIN}/api/auth${path}`, { method, headers, body: body === undefined ? null : JSON.stringify(body) }),
    );
    const text = await response.text();
    const set = response.headers.getSetCookie().map((line) => line.split(";")[0]);
    return { status: response.status, body: text ? JSON.parse(text) : undefined, cookie: set.join("; ") };
  };
}

/** A better-auth server. */
export const server = (file: string, secret: string) => ({ send: sender(betterAuth(options(file, secret)).handler) });

/** What the reference would still change in the database. */
export async function missing(file: string, secret: string) {
  const { toBeCreated, toBeAdded, toBeAddedIndexes, unsafeChanges, schemaProblems, compileMigrations } = await getMigrations(
    options(file, secret),
  );
  return { toBeCreated, toBeAdded, toBeAddedIndexes, unsafeChanges, schemaProblems, sql: await compileMigrations() };
}
