-- Who deletes a user deletes the invitations that he sent; without this index that reads all of them. Better Auth has none,
-- and does not mind it.
create index if not exists "invitation_inviterId_idx" on "invitation" ("inviterId");
