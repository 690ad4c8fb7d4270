-- Addresses that an organization's automations may mail to: whose owner has said so, by a link in a mail. A member's own
-- verified address needs no row.
create table email_recipient (
  id          text not null primary key,
  org_id      text not null check (org_id <> '') references organization (id) on delete cascade,
  email       text not null,
  asked_at    text not null,
  verified_at text,
  unique (org_id, email)
) strict;
