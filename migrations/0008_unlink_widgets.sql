-- Who deletes a dataset although widgets draw it takes it from them. The foreign key cannot do so: "set null" would null
-- org_id as well. A delete that is not forced asks first (dataset::sql::DELETE_UNDRAWN).
create trigger dataset_delete_unlinks_widgets before delete on dataset begin
  update widget set dataset_id = null,
      updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', updated_at, '+0.001 seconds')
    where org_id = old.org_id and dataset_id = old.id;
end;
