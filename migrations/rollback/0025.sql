-- Undoes 0025_create_delivery_status_index.sql. docs/operations.md has the procedure.
drop index if exists delivery_org_id_status_idx;
delete from d1_migrations where name = '0025_create_delivery_status_index.sql';
