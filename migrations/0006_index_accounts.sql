-- A provider's user is found by what he is called there, and is one of ours at most: two rows would be two answers to who
-- is signing in. Better Auth has no such key; `npm run takeover` finds what it would refuse.
create unique index if not exists "account_providerId_accountId_uidx" on "account" ("providerId", "accountId");
