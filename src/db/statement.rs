//! Statement texts, by what they may reach.
//!
//! A text is declared by one of the macros below and by nothing else; a test of the house sees to the last part.
use super::{Bind, MAX_BINDS};
use crate::{
    id::{Id, OrgId},
    policy::Resource,
};

/// A statement ready to run: what goes through the port. Only `access` holds the port.
///
/// ```compile_fail
/// let _ = orgscope::db::Statement { text: "select * from dataset", binds: vec![] };
/// ```
#[derive(Clone, Debug)]
pub struct Statement {
    text: &'static str,
    binds: Vec<Bind>,
}

impl Statement {
    /// Binds the organization to `?1` and `args` from `?2`.
    fn of_organization(text: &'static str, org: &OrgId, args: impl IntoIterator<Item = Bind>) -> Self {
        Self { text, binds: std::iter::once(org.into()).chain(args).collect() }
    }

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
        self.text.starts_with("select ")
    }
}

/// SQL that reads or adds rows of one organization. `?1` is the organization.
///
/// ```
/// const S: orgscope::db::OrgSql = orgscope::db::OrgSql::new("s", "select 1 from dataset where org_id = ?1");
/// ```
/// ```compile_fail
/// const S: orgscope::db::OrgSql = orgscope::db::OrgSql::new("s", "select 1 from dataset where org_id = ?10");
/// ```
/// ```compile_fail
/// const S: orgscope::db::OrgSql = orgscope::db::OrgSql::new("s", "select 1 from dataset where my_org_id = ?1");
/// ```
/// ```compile_fail
/// const S: orgscope::db::OrgSql = orgscope::db::OrgSql::new("s", "delete from dataset where org_id = ?1");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct OrgSql {
    name: &'static str,
    text: &'static str,
}

impl OrgSql {
    /// Refuses, while compiling, a text that begins with another word than `select` or `insert`, or lacks the words
    /// `org_id` and `?1`. That it confines every table to the organization is checked by a test over its parse tree.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(name: &'static str, text: &'static str) -> Self {
        assert!(starts_with(text, "select ") || starts_with(text, "insert into "), "an OrgSql selects or inserts");
        assert!(has_word(text, "org_id") && has_word(text, "?1"), "an OrgSql confines org_id to ?1");
        Self { name, text }
    }

    /// `module::NAME`, for tests.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The text.
    #[must_use]
    pub const fn text(&self) -> &'static str {
        self.text
    }

    /// Binds the organization and the rest.
    pub(crate) fn bind(self, org: &OrgId, args: impl IntoIterator<Item = Bind>) -> Statement {
        Statement::of_organization(self.text, org, args)
    }
}

/// Declares a module's statements that read or add rows of one organization, and `ALL` of them for the tests to walk.
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
    resource: Resource,
    /// What a row is called, to people.
    noun: &'static str,
    /// Whose a row is. One of the few statements that cross organizations: it must see a foreign row to refuse it.
    owner: &'static str,
}

impl OwnedTable {
    #[doc(hidden)]
    #[must_use]
    pub const fn new(resource: Resource, noun: &[&'static str], owner: &'static str) -> Self {
        let noun = match noun {
            [noun, ..] => noun,
            [] => resource.word(),
        };
        Self { resource, noun, owner }
    }

    /// What a row is called, to people.
    #[must_use]
    pub const fn noun(&self) -> &'static str {
        self.noun
    }

    /// Whose permissions a change of its rows takes.
    #[must_use]
    pub const fn resource(&self) -> Resource {
        self.resource
    }

    /// Whose the row `id` is.
    pub(crate) fn owner_of(self, id: &impl Id) -> Statement {
        Statement { text: self.owner, binds: vec![id.into()] }
    }
}

/// SQL that changes or deletes one row of an [`OwnedTable`]. `?1` is the organization, `?2` the row.
///
/// ```compile_fail
/// async fn as_if_it_read(db: &orgscope::access::OrgDb<'_>) {
///     db.all::<(), 0>(orgscope::dataset::sql::DELETE, []).await.unwrap();
/// }
/// ```
/// ```
/// async fn reads(db: &orgscope::access::OrgDb<'_>) {
///     db.all::<(), 0>(orgscope::dataset::sql::SHOW, []).await.unwrap();
/// }
/// ```
/// ```compile_fail
/// orgscope::owned_table! {
///     /// Its deletes are another table's.
///     DATASET = Dataset "dataset";
///     /// Not of that table.
///     DELETE = "delete from widget where org_id = ?1 and id = ?2";
/// }
/// ```
/// ```
/// orgscope::owned_table! {
///     /// Its deletes are its own.
///     DATASET = Dataset "dataset";
///     /// Of that table.
///     DELETE = "delete from dataset where org_id = ?1 and id = ?2";
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct OrgChange {
    table: OwnedTable,
    name: &'static str,
    text: &'static str,
}

impl OrgChange {
    /// Refuses, while compiling, a text that begins with neither `update` nor `delete`, which name the table, or lacks
    /// the words `org_id`, `?1` and `?2`.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        table: OwnedTable,
        [update, delete]: [&'static str; 2],
        name: &'static str,
        text: &'static str,
    ) -> Self {
        assert!(begins(text, update) || begins(text, delete), "a change updates or deletes rows of its table");
        assert!(has_word(text, "org_id") && has_word(text, "?1"), "a change confines org_id to ?1");
        assert!(has_word(text, "?2"), "a change is of one row");
        Self { table, name, text }
    }

    /// The table that it changes.
    #[must_use]
    pub const fn table(&self) -> OwnedTable {
        self.table
    }

    /// `module::NAME`, for tests.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The text.
    #[must_use]
    pub const fn text(&self) -> &'static str {
        self.text
    }

    /// Whether it deletes.
    #[must_use]
    pub const fn is_delete(&self) -> bool {
        starts_with(self.text, "delete ")
    }

    /// Binds the organization and the rest.
    pub(crate) fn bind(self, org: &OrgId, args: impl IntoIterator<Item = Bind>) -> Statement {
        Statement::of_organization(self.text, org, args)
    }
}

/// Declares a table whose rows an organization owns, the statements that change or delete one, and `CHANGES`, all of
/// those for the tests to walk. A row is called as its resource, unless it says otherwise: `Automation "delivery" as
/// "delivery"`.
#[macro_export]
macro_rules! owned_table {
    (
        $(#[$table_doc:meta])* $table:ident = $resource:ident $called:literal $(as $noun:literal)?;
        $($(#[$doc:meta])* $name:ident = $text:literal;)+
    ) => {
        $(#[$table_doc])* pub const $table: $crate::db::OwnedTable = $crate::db::OwnedTable::new(
            $crate::policy::Resource::$resource,
            &[$($noun)?],
            concat!("select org_id, created_by, updated_at from ", $called, " where id = ?1"),
        );
        $($(#[$doc])* pub const $name: $crate::db::OrgChange = $crate::db::OrgChange::new(
            $table,
            [concat!("update ", $called), concat!("delete from ", $called)],
            concat!(module_path!(), "::", stringify!($name)),
            $text,
        );)+
        /// Every change above.
        pub const CHANGES: &[$crate::db::OrgChange] = &[$($name),+];
    };
}

/// SQL that the engine of automations runs, when no member is there who could buy an `OrgDb`: over the automations and runs
/// of one organization, which is `?1`. A test holds every such statement to those.
///
/// ```
/// const S: orgscope::db::EngineSql = orgscope::db::EngineSql::new("s", "select 1 from automation where org_id = ?1");
/// ```
/// ```compile_fail
/// const S: orgscope::db::EngineSql = orgscope::db::EngineSql::new("s", "select 1 from automation where id = ?1");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct EngineSql {
    name: &'static str,
    text: &'static str,
}

impl EngineSql {
    /// Refuses, while compiling, a text that lacks the words `org_id` and `?1`.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(name: &'static str, text: &'static str) -> Self {
        assert!(has_word(text, "org_id") && has_word(text, "?1"), "an EngineSql confines org_id to ?1");
        Self { name, text }
    }

    /// `module::NAME`, for tests.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The text.
    #[must_use]
    pub const fn text(&self) -> &'static str {
        self.text
    }

    /// Binds the organization and the rest.
    pub(crate) fn bind(self, org: &OrgId, args: impl IntoIterator<Item = Bind>) -> Statement {
        Statement::of_organization(self.text, org, args)
    }
}

/// Declares a module's statements of the engine, and `ALL` of them for the tests to walk.
#[macro_export]
macro_rules! engine_sql {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)+) => {
        $($(#[$doc])* pub const $name: $crate::db::EngineSql =
            $crate::db::EngineSql::new(concat!(module_path!(), "::", stringify!($name)), $text);)+
        /// Every statement above.
        pub const ALL: &[$crate::db::EngineSql] = &[$($name),+];
    };
}

/// SQL over the identity tables: users, sessions, organizations, members. They belong to no single organization; a test
/// holds every such statement to those tables.
///
/// ```compile_fail
/// let _ = orgscope::db::IdentitySql { name: "all", text: "select * from dataset" };
/// ```
#[derive(Clone, Copy, Debug)]
pub struct IdentitySql {
    name: &'static str,
    text: &'static str,
}

impl IdentitySql {
    #[doc(hidden)]
    #[must_use]
    pub const fn new(name: &'static str, text: &'static str) -> Self {
        Self { name, text }
    }

    /// `module::NAME`, for tests.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The text.
    #[must_use]
    pub const fn text(&self) -> &'static str {
        self.text
    }

    /// Binds `args` from `?1`.
    #[must_use]
    pub fn bind<const N: usize>(self, args: [Bind; N]) -> IdentityStatement {
        const { assert!(N <= MAX_BINDS, "D1 binds at most 100 values") };
        IdentityStatement(Statement { text: self.text, binds: args.into() })
    }
}

/// A statement over the identity tables: all that [`crate::access::IdentityDb`] runs.
///
/// ```compile_fail
/// async fn another(app: &orgscope::access::App, statement: orgscope::db::Statement) {
///     app.identity().run(statement).await.unwrap();
/// }
/// ```
/// ```
/// async fn its_own(app: &orgscope::access::App, statement: orgscope::db::IdentityStatement) {
///     app.identity().run(statement).await.unwrap();
/// }
/// ```
#[derive(Clone, Debug)]
pub struct IdentityStatement(Statement);

impl From<IdentityStatement> for Statement {
    fn from(statement: IdentityStatement) -> Self {
        statement.0
    }
}

/// Declares a module's statements over the identity tables, and `ALL` of them for the tests to walk.
#[macro_export]
macro_rules! identity_sql {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)+) => {
        $($(#[$doc])* pub const $name: $crate::db::IdentitySql =
            $crate::db::IdentitySql::new(concat!(module_path!(), "::", stringify!($name)), $text);)+
        /// Every statement above.
        pub const ALL: &[$crate::db::IdentitySql] = &[$($name),+];
    };
}

const fn starts_with(text: &str, start: &str) -> bool {
    is_at(text.as_bytes(), 0, start.as_bytes())
}

/// The same, and the next letter is of another word.
const fn begins(text: &str, start: &str) -> bool {
    starts_with(text, start) && !is_letter(text.as_bytes(), start.len())
}

/// Whether it is there on its own, not as a part of a longer word.
const fn has_word(text: &str, word: &str) -> bool {
    let (text, word) = (text.as_bytes(), word.as_bytes());
    let mut at = 0;
    while at < text.len() {
        if is_at(text, at, word) && (at == 0 || !is_letter(text, at - 1)) && !is_letter(text, at + word.len()) {
            return true;
        }
        at += 1;
    }
    false
}

#[expect(clippy::indexing_slicing, reason = "const code has no get; both are within bounds by the conditions")]
const fn is_at(text: &[u8], at: usize, part: &[u8]) -> bool {
    let mut same = 0;
    while same < part.len() && at + same < text.len() && text[at + same] == part[same] {
        same += 1;
    }
    same == part.len()
}

/// Whether a letter of an SQL name, or a digit, is there.
#[expect(clippy::indexing_slicing, reason = "const code has no get; within bounds by the condition")]
const fn is_letter(text: &[u8], at: usize) -> bool {
    at < text.len() && (text[at].is_ascii_alphanumeric() || text[at] == b'_' || !text[at].is_ascii())
}
