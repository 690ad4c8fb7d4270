-- An organization's deliveries in one status, newest first: the dead are few among the many that have arrived.
create index delivery_org_id_status_idx on delivery (org_id, status, id);
