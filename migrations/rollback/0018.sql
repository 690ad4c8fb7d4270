-- Undoes 0018_create_delivery.sql: every notice, delivery and webhook's secret is gone. docs/operations.md has the
-- procedure.
drop table if exists delivery;
drop table if exists notice;
drop table if exists webhook_secret;
delete from d1_migrations where name = '0018_create_delivery.sql';
