//! An organization's members: listed, given roles, removed; and those who leave.
//!
//! Source: Better Auth 1.7.25, `plugins/organization/routes/crud-members` (wire spec §6.7).
use super::{
    asked::{Asked, ask},
    named, next, of_member, roles, target,
};
use crate::{
    Result,
    auth::{call::Call, code, model::Member},
    db::{IdentityStatement, Rows},
    policy::Roles,
};
use serde::Deserialize;

pub mod leave;
pub mod list;
pub mod role;
pub mod sql;

/// The owners of the organization of the id, else of the active one.
fn owners(token: &str, org: Option<&String>) -> IdentityStatement {
    sql::OWNERS.bind([token.into(), org.into()])
}

/// The owners but the member: `[(id, role), …]`. He may go only while one of them is there, as he was read.
fn other_owners(rows: Rows, member: &Member) -> Result<Vec<(String, String)>> {
    #[derive(Deserialize)]
    struct Owner {
        id: String,
        role: String,
    }
    let owners: Vec<Owner> = rows.decode()?;
    let others = owners.into_iter().filter(|owner| owner.id != member.id && Roles::parse(&owner.role).has_owner());
    Ok(others.map(|owner| (owner.id, owner.role)).collect())
}
