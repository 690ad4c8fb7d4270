//! Statements over `email_recipient`. Who opens a link is no member, and the link says whose it is; the sender works for
//! every organization.
crate::identity_sql! {
    /// Notes that the address `?3` is asked now, `?4`, for the organization `?2`. No row if it was asked since `?5`.
    ASK = "insert into email_recipient (id, org_id, email, asked_at) values (?1, ?2, ?3, ?4)
        on conflict (org_id, email) do update set asked_at = ?4 where asked_at <= ?5
        returning id, asked_at";
    /// Has it asked again at once, by noting that it was last asked at `?3`: the mail of `?2` was not handed over.
    ASK_AGAIN = "update email_recipient set asked_at = ?3 where id = ?1 and asked_at = ?2";
    /// Whom a link is for.
    SHOW = "select e.email, o.name as organization, e.verified_at is not null as is_verified from email_recipient e
        join organization o on o.id = e.org_id where e.id = ?1";
    /// Notes that the address has agreed, at `?2`; once.
    VERIFY = "update email_recipient set verified_at = ?2 where id = ?1 and verified_at is null";
}
