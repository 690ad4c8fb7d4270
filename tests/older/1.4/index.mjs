export { betterAuth } from "better-auth";
export { getMigrations } from "better-auth/db";
export { organization } from "better-auth/plugins";
export { createAccessControl } from "better-auth/plugins/access";
export { adminAc, defaultStatements, memberAc, ownerAc } from "better-auth/plugins/organization/access";
