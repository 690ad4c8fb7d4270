//! Statement texts, by what they may reach.
use super::{Bind, MAX_BINDS};
use crate::{
    id::{Id, OrgId},
    policy::Resource,
};

/// A statement ready to run. Made here alone, of a declared text: there is no way to run another.
///
/// ```compile_fail
/// let _ = orgscope::db::Statement { text: "select id from dataset", binds: vec![] };
/// ```
#[derive(Clone, Debug)]
pub struct Statement {
    text: &'static str,
    binds: Vec<Bind>,
}

impl Statement {
    /// The text.
    #[must_use]
    pub const fn text(&self) -> &'static str {
        self.text
    }

    /// The values of `?1`, `?2`, …
    #[must_use]
    pub fn binds(&self) -> &[Bind] {
        &self.binds
    }

    /// Whether it only reads, so that it may run twice.
    #[must_use]
    pub fn is_read(&self) -> bool {
        self.text.trim_start().starts_with("select")
    }
}

/// SQL over one organization's rows. `?1` is the organization, bound by [`crate::access::OrgDb`] alone.
#[derive(Clone, Copy, Debug)]
pub struct OrgSql {
    /// `module::NAME`, for tests.
    pub name: &'static str,
    text: &'static str,
}

impl OrgSql {
    /// Refuses, while compiling, a text that does not mention `org_id` and `?1`. That it confines every table to them is
    /// checked by a test over its parse tree. For [`crate::org_sql!`] alone: a test walks what is declared there.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(name: &'static str, text: &'static str) -> Self {
        assert!(contains(text, "org_id") && has_first_parameter(text), "an OrgSql confines org_id to ?1");
        Self { name, text }
    }

    /// The text.
    #[must_use]
    pub const fn text(&self) -> &'static str {
        self.text
    }

    /// Binds the organization to `?1` and `args` from `?2`. For [`crate::access::OrgDb`], which knows the organization.
    pub(crate) fn bind(self, org: &OrgId, args: impl IntoIterator<Item = Bind>) -> Statement {
        Statement { text: self.text, binds: std::iter::once(org.into()).chain(args).collect() }
    }
}

/// Declares a module's statements over organizations' rows, and `ALL` of them for the tests to walk.
#[macro_export]
macro_rules! org_sql {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)+) => {
        $($(#[$doc])* pub const $name: $crate::db::OrgSql =
            $crate::db::OrgSql::new(concat!(module_path!(), "::", stringify!($name)), $text);)+
        /// Every statement above.
        pub const ALL: &[$crate::db::OrgSql] = &[$($name),+];
    };
}

/// A table whose rows an organization owns.
#[derive(Clone, Copy, Debug)]
pub struct OwnedTable {
    /// What its rows are; the word is the table's name.
    pub resource: Resource,
    /// Whose a row is. One of the few statements that cross organizations: it must see a foreign row to refuse it.
    #[doc(hidden)]
    pub owner: &'static str,
}

impl OwnedTable {
    /// Reads whose the row is.
    pub(crate) fn owner_of(self, id: &impl Id) -> Statement {
        Statement { text: self.owner, binds: vec![id.into()] }
    }
}

/// Declares a table whose rows an organization owns.
#[macro_export]
macro_rules! owned_table {
    ($(#[$doc:meta])* $name:ident = $resource:ident $table:literal) => {
        $(#[$doc])*
        pub const $name: $crate::db::OwnedTable = $crate::db::OwnedTable {
            resource: $crate::policy::Resource::$resource,
            owner: concat!("select org_id, created_by, updated_at from ", $table, " where id = ?1"),
        };
    };
}

/// SQL over the identity tables: users, sessions, organizations, members. They belong to no single organization; a test
/// holds every such statement to those tables.
#[derive(Clone, Copy, Debug)]
pub struct IdentitySql {
    /// `module::NAME`, for tests.
    pub name: &'static str,
    /// The text.
    pub text: &'static str,
}

impl IdentitySql {
    /// Binds `args` from `?1`.
    #[must_use]
    pub fn bind<const N: usize>(self, args: [Bind; N]) -> IdentityStatement {
        const { assert!(N <= MAX_BINDS, "D1 binds at most 100 values") };
        IdentityStatement(Statement { text: self.text, binds: args.into() })
    }
}

/// A statement over the identity tables, ready to run.
#[derive(Clone, Debug)]
pub struct IdentityStatement(pub(crate) Statement);

/// Declares a module's statements over the identity tables, and `ALL` of them for the tests to walk.
#[macro_export]
macro_rules! identity_sql {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)+) => {
        $($(#[$doc])* pub const $name: $crate::db::IdentitySql =
            $crate::db::IdentitySql { name: concat!(module_path!(), "::", stringify!($name)), text: $text };)+
        /// Every statement above.
        pub const ALL: &[$crate::db::IdentitySql] = &[$($name),+];
    };
}

#[expect(clippy::indexing_slicing, reason = "const code has no get; each index is within bounds by the loop")]
const fn has_first_parameter(text: &str) -> bool {
    let text = text.as_bytes();
    let mut at = 0;
    while at + 1 < text.len() {
        let is_whole = at + 2 == text.len() || !text[at + 2].is_ascii_digit();
        if text[at] == b'?' && text[at + 1] == b'1' && is_whole {
            return true;
        }
        at += 1;
    }
    false
}

const fn contains(text: &str, part: &str) -> bool {
    let (text, part) = (text.as_bytes(), part.as_bytes());
    let mut at = 0;
    while at + part.len() <= text.len() {
        let mut same = 0;
        #[expect(clippy::indexing_slicing, reason = "const code has no get; both are within bounds by the loops")]
        while same < part.len() && text[at + same] == part[same] {
            same += 1;
        }
        if same == part.len() {
            return true;
        }
        at += 1;
    }
    false
}
