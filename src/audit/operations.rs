//! The audit log's lines of the table of operations. None is a tool: it is what models are watched by.
use super::{AuditExport, AuditPage, AuditPageInput, FromInput, Verification, verify};

crate::operations! {
    /// List the organization's audit log, newest first: what was done, and what was refused.
    audit_list GET "/api/audit" [Read Audit] super::list: AuditPageInput => AuditPage;
    /// Check that no event of the audit log was changed or taken out: 1,000 at a time, oldest first.
    /// Go on with `after`, the `nextAfter` of the answer, until that is null.
    audit_verify GET "/api/audit/verify" [Read Audit] verify::verify: FromInput => Verification;
    /// Give the audit log as NDJSON, oldest first: 5,000 events at a time.
    /// Go on with `after`, the `seq` of the last line, until there is none.
    audit_export GET "/api/audit/export" [Read Audit] super::export: FromInput => AuditExport;
}
