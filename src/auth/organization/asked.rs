//! Who asks for something in an organization.
use super::{Target, next, target};
use crate::{
    Result,
    access::OrgLog,
    auth::{
        call::Call,
        session::{Caller, require},
    },
    db::{IdentityStatement, Rows},
    error::AuthError,
    id::OrgId,
    policy::Permission,
};
use std::vec;

/// Who asks, and his place in the organization that the request names or that is his active one.
pub struct Asked {
    /// Who.
    pub caller: Caller,
    /// None if he is no member, or there is no such organization.
    pub(super) target: Option<Target>,
    /// The rows of the statements that were run along.
    pub rows: vec::IntoIter<Rows>,
}

/// Reads it, in one round trip with the statements `with` of the session's token. What a member then changes, or is refused,
/// is in the organization's log.
///
/// # Errors
/// `unauthorized`; `inactive` if none is named and none is active.
pub async fn ask(
    call: &mut Call<'_>,
    (unauthorized, inactive): (AuthError, AuthError),
    id: Option<&String>,
    with: impl FnOnce(&str) -> Vec<IdentityStatement>,
) -> Result<Asked> {
    let statements = |token: &str| {
        let mut statements = vec![target(token, id, None), OrgLog::end(token, id, None)];
        statements.extend(with(token));
        statements
    };
    let (caller, rows) = require(call, unauthorized, statements).await?;
    if id.is_none() && caller.session.active_organization_id.is_none() {
        return Err(inactive.into());
    }
    let mut rows = rows.into_iter();
    let target: Option<Target> = next(&mut rows).decode_first()?;
    let target = target.filter(|target| target.role.is_some());
    let log = OrgLog::of(next(&mut rows))?;
    call.log = log.filter(|log| target.as_ref().is_some_and(|target| target.id == *log.org_id()));
    Ok(Asked { caller, target, rows })
}

impl Asked {
    /// The organization and the caller's role in it, which must grant the permission.
    ///
    /// # Errors
    /// `outside` to who is no member, `forbidden` without the permission.
    pub fn permitted(
        &self,
        permission: Permission,
        outside: AuthError,
        forbidden: AuthError,
    ) -> Result<(&OrgId, &str)> {
        let target = self.target.as_ref().ok_or(outside.clone())?;
        let (role, permissions) = target.membership().ok_or(outside)?;
        if permissions.has(permission) { Ok((&target.id, role)) } else { Err(forbidden.into()) }
    }
}
