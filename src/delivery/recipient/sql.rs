//! Statements over `email_recipient`. Who opens a link is no member, and the link says whose it is; the sender works for
//! every organization.
crate::identity_sql! {
    /// Notes that the address `?3` is asked now, `?4`, for the organization `?2`, unless it was asked since `?5`. The row gets
    /// the id `?1`, so that links of before are of no row, and who finds another in what this returns has not asked.
    ASK = "insert into email_recipient (id, org_id, email, asked_at) values (?1, ?2, ?3, ?4)
        on conflict (org_id, email) do update set id = iif(asked_at <= ?5, ?1, id),
            asked_at = iif(asked_at <= ?5, ?4, asked_at)
        returning id, asked_at";
    /// Whom the link is for that was mailed at `?2`.
    SHOW = "select e.email, o.name as organization, e.verified_at is not null as is_verified from email_recipient e
        join organization o on o.id = e.org_id where e.id = ?1 and e.asked_at = ?2";
    /// Notes that the address has agreed, at `?3`, by that link; once.
    VERIFY = "update email_recipient set verified_at = ?3 where id = ?1 and asked_at = ?2 and verified_at is null";
}
