//! `organization/list-members` and `organization/get-active-member-role`.
use super::{named, next, of_member, sql, target};
use crate::{
    Result,
    api::Response,
    auth::{
        call::Call,
        code,
        input::{ANY, Fields},
        model::Member,
        session::require,
    },
    db::Bind,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What members may be sorted and filtered by.
const COLUMNS: &[&str] = &["organizationId", "userId", "role", "createdAt", "id"];
const LIKES: [&str; 3] = ["contains", "starts_with", "ends_with"];
const OPERATORS: &[&str] =
    &["eq", "ne", "lt", "lte", "gt", "gte", "in", "not_in", "contains", "starts_with", "ends_with"];
/// D1 refuses a longer pattern; two of its bytes are the `%`.
const MAX_PATTERN_BYTES: usize = 48;

/// Which members are asked for.
struct Page {
    /// As [`sql::COUNT`] binds them, from `?2` on.
    filter: [Bind; 4],
    sorted_by: Option<&'static str>,
    is_backwards: bool,
    limit: i64,
    offset: i64,
}

/// The answer.
#[derive(Serialize)]
struct Listed {
    members: Vec<Member>,
    total: u64,
}

/// `GET /organization/list-members?limit=&offset=&sortBy=&sortDirection=&filterField=&filterOperator=&filterValue=` of the
/// named or active organization: `{"members","total"}`, each with `user`; `total` counts those on other pages too. A
/// negative limit is none.
///
/// # Errors
/// `ORGANIZATION_NOT_FOUND`, `NO_ACTIVE_ORGANIZATION`; `YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION`; `UNAUTHORIZED`.
pub async fn list_members(call: &mut Call<'_>) -> Result<Response> {
    let default = i64::from(call.app.config.organization.membership_limit);
    let (page, (id, slug)) = call.query(|query| (page(query, default), named(query)))?;
    let look_up = |token: &str| vec![target(token, id.as_ref(), slug.as_ref())];
    let (caller, rows) = require(call, code::UNAUTHORIZED, look_up).await?;
    let target = next(&mut rows.into_iter()).decode_first()?;
    let target = of_member(&caller, target, id.as_ref(), slug.as_ref())?;
    let org = &target.id;
    let [column, operator, value, values] = page.filter.clone();
    let count = sql::COUNT.bind([org.into(), column, operator, value, values]);
    let [column, operator, value, values] = page.filter;
    let (sorted_by, is_backwards) = (page.sorted_by.into(), page.is_backwards.into());
    let (limit, offset) = (page.limit.into(), page.offset.into());
    let list = sql::LIST.bind([org.into(), column, operator, value, values, sorted_by, is_backwards, limit, offset]);
    let statements = vec![list, count];
    let mut rows = call.app.identity().batch(statements).await?.into_iter();
    let members = next(&mut rows).decode()?;
    call.ok(&Listed { members, total: next(&mut rows).count() })
}

fn page(query: &mut Fields<'_>, default_limit: i64) -> Page {
    let limit = query.optional_number_text("limit").map_or(0, |text| number(&text));
    let offset = query.optional_number_text("offset").map_or(0, |text| number(&text));
    let sorted_by = column(query, "sortBy");
    let is_backwards = query.optional_word("sortDirection", &["asc", "desc"]) == Some("desc");
    let filtered_by = column(query, "filterField");
    let values = query.optional_texts("filterValue", usize::MAX - 1);
    let operator = query.optional_word("filterOperator", OPERATORS).unwrap_or("eq");
    if filtered_by.is_some() {
        check(query, operator, values.as_deref());
    }
    let values = values.unwrap_or_default();
    let limit = match limit {
        0 => default_limit,
        limit => limit,
    };
    Page {
        filter: [
            filtered_by.into(),
            filtered_by.map(|_| operator).into(),
            values.first().into(),
            json!(values).to_string().into(),
        ],
        sorted_by,
        is_backwards,
        limit,
        offset,
    }
}

/// A column of a member. The reference answers 500 to any other.
fn column(query: &mut Fields<'_>, name: &str) -> Option<&'static str> {
    let is_given = query.optional_text(name, ANY).is_some_and(|column| !column.is_empty());
    if is_given { query.optional_word(name, COLUMNS) } else { None }
}

/// Complains of a value that the operator cannot compare with; the reference answers 500 to those.
fn check(query: &mut Fields<'_>, operator: &str, values: Option<&[String]>) {
    let is_list = matches!(operator, "in" | "not_in");
    match values {
        Some([value]) if LIKES.contains(&operator) && value.len() > MAX_PATTERN_BYTES => {
            query.issue("filterValue", &format!("Too big: expected string to have <={MAX_PATTERN_BYTES} bytes"));
        }
        Some([_]) => {}
        Some(_) if is_list => {}
        given => {
            let given = if given.is_some() { "array" } else { "undefined" };
            query.issue("filterValue", &format!("Invalid input: expected string, received {given}"));
        }
    }
}

/// As JavaScript's `Number`, without its other bases; what is none is 0. At most what SQLite takes for a limit.
fn number(text: &str) -> i64 {
    let text = text.trim();
    let is_decimal = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E'));
    let number: f64 = if is_decimal { text.parse().unwrap_or_default() } else { 0.0 };
    #[expect(clippy::cast_possible_truncation, reason = "it is clamped")]
    let number = number.clamp(-1.0, 1e15) as i64;
    number
}

/// `GET /organization/get-active-member-role?userId=&organizationId=&organizationSlug=`: the caller's roles in the named or
/// active organization, or those of another of its members. `{"role"}`.
///
/// # Errors
/// As [`list_members`]; `YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION` also if the other is none.
pub async fn get_active_member_role(call: &mut Call<'_>) -> Result<Response> {
    #[derive(Serialize, Deserialize)]
    struct Role {
        role: String,
    }
    let (user, (id, slug)) = call.query(|query| (query.optional_id("userId"), named(query)))?;
    let look_up = |token: &str| {
        let role = sql::ROLE_OF.bind([token.into(), id.as_ref().into(), slug.as_ref().into(), user.as_ref().into()]);
        vec![target(token, id.as_ref(), slug.as_ref()), role]
    };
    let (caller, rows) = require(call, code::UNAUTHORIZED, look_up).await?;
    let mut rows = rows.into_iter();
    let target = next(&mut rows).decode_first()?;
    let target = of_member(&caller, target, id.as_ref(), slug.as_ref())?;
    let role = match user {
        None => target.role.map(|role| Role { role }),
        Some(_) => next(&mut rows).decode_first()?,
    };
    call.ok(&role.ok_or(code::YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION)?)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_number_is_javascripts_or_none() {
        for (text, expected) in [
            ("5", 5),
            (" 7 ", 7),
            ("1e2", 100),
            ("-3", -1),
            ("", 0),
            ("abc", 0),
            ("inf", 0),
            ("NaN", 0),
            ("1.9", 1),
            ("1e400", 1_000_000_000_000_000),
        ] {
            assert_eq!(super::number(text), expected, "{text}");
        }
    }
}
