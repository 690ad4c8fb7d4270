//! Every statement over `organization_setting`.
crate::org_sql! {
    /// What the organization has decided; no row if nothing.
    SHOW = "select run_retention_days from organization_setting where org_id = ?1";
    /// Decides for how many days runs are kept, `?2`, by `?3` at `?4`: a trigger deletes the decision before. Returns the row.
    UPDATE = "insert into organization_setting (org_id, run_retention_days, updated_by, updated_at)
        values (?1, ?2, ?3, ?4) returning run_retention_days";
}
