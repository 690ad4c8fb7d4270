//! The gate's statements, and the few that cross organizations.
crate::identity_sql! {
    /// The session's user and, of the organization that `?3` names (id, else slug) or else the active one, his role and
    /// the roles of the organization's own making that he may have: `Roles` decides; and the end of its audit log. No row
    /// if the session is unknown or over.
    MEMBERSHIP = "select u.id as user_id, u.email, nullif(s.activeOrganizationId, '') as active_organization_id,
            m.organizationId as org_id, m.role,
            (select json_group_array(json_array(r.role, r.permission)) from organizationRole r
              where r.organizationId = m.organizationId
                and instr(m.role, r.role) > 0) as dynamic_roles_json,
            (select json_object('seq', a.seq, 'hash', a.hash) from audit_event a where a.org_id = m.organizationId
              order by a.seq desc limit 1) as head_json
        from session s
        join user u on u.id = s.userId
        left join member m on m.userId = u.id and m.organizationId = case when ?3 is null then s.activeOrganizationId
            else coalesce((select id from organization where id = ?3), (select id from organization where slug = ?3)) end
        where s.token = ?1 and s.expiresAt > ?2
        limit 1";
    /// The same of an API key, by its hash: the member whom it acts as, in its organization alone. `?3` may name that one,
    /// and finds no membership with any other.
    KEY_MEMBERSHIP = "select u.id as user_id, u.email, k.org_id as active_organization_id, m.organizationId as org_id, m.role,
            k.id as key_id, k.permissions as scope_json,
            (select json_group_array(json_array(r.role, r.permission)) from organizationRole r
              where r.organizationId = m.organizationId
                and instr(m.role, r.role) > 0) as dynamic_roles_json,
            (select json_object('seq', a.seq, 'hash', a.hash) from audit_event a where a.org_id = m.organizationId
              order by a.seq desc limit 1) as head_json
        from api_key k
        join user u on u.id = k.acts_as
        left join member m on m.organizationId = k.org_id and m.userId = k.acts_as and (?3 is null or k.org_id
            = coalesce((select id from organization where id = ?3), (select id from organization where slug = ?3)))
        where k.key_hash = ?1 and (k.expires_at is null or k.expires_at > ?2)
        limit 1";
    /// The same of an OAuth access token, by its hash, for the resource `?4`: who granted it, in the organization that he
    /// chose alone.
    TOKEN_MEMBERSHIP = "select u.id as user_id, u.email, g.org_id as active_organization_id, m.organizationId as org_id,
            m.role, g.id as grant_id, g.permissions as scope_json,
            (select json_group_array(json_array(r.role, r.permission)) from organizationRole r
              where r.organizationId = m.organizationId
                and instr(m.role, r.role) > 0) as dynamic_roles_json,
            (select json_object('seq', a.seq, 'hash', a.hash) from audit_event a where a.org_id = m.organizationId
              order by a.seq desc limit 1) as head_json
        from oauth_token t
        join oauth_grant g on g.org_id = t.org_id and g.id = t.grant_id
        join user u on u.id = g.created_by
        left join member m on m.organizationId = g.org_id and m.userId = g.created_by and (?3 is null or g.org_id
            = coalesce((select id from organization where id = ?3), (select id from organization where slug = ?3)))
        where t.token_hash = ?1 and t.expires_at > ?2 and g.resource = ?4
        limit 1";
    /// Where the audit log ends of the organization `?2`, else of that of the invitation `?3`, else of the active one of the
    /// session of the token `?1`; and the session's user, for whoever changes something there.
    LOG_END = "select o.id as org_id, s.userId as user_id, (select json_object('seq', a.seq, 'hash', a.hash)
              from audit_event a where a.org_id = o.id order by a.seq desc limit 1) as head_json
        from session s join organization o
            on o.id = coalesce(?2, (select organizationId from invitation where id = ?3), s.activeOrganizationId)
        where s.token = ?1 limit 1";
    /// Notes that the key is used now, `?2`, unless it was noted since `?3`.
    KEY_IS_USED = "update api_key set last_used_at = ?2
        where key_hash = ?1 and (expires_at is null or expires_at > ?2) and coalesce(last_used_at <= ?3, 1)";

    /// The same of an automation, `?2` of the organization `?1`: the member whom it runs as.
    AUTOMATION_MEMBERSHIP = "select u.id as user_id, u.email, a.org_id as active_organization_id, m.organizationId as org_id,
            m.role,
            (select json_group_array(json_array(r.role, r.permission)) from organizationRole r
              where r.organizationId = m.organizationId
                and instr(m.role, r.role) > 0) as dynamic_roles_json
        from automation a
        join user u on u.id = a.run_as
        left join member m on m.organizationId = a.org_id and m.userId = a.run_as
        where a.org_id = ?1 and a.id = ?2
        limit 1";

    /// Notes that messages about the automations that are due at `?1` are under way until `?2`, at most `?3`, and gives
    /// them: first one of each organization, then a second, so that none waits for another's many. This crosses
    /// organizations, for one clock ticks for all of them; it reads and writes nothing but what is due and where.
    DISPATCH_DUE = "update automation set dispatched_until = ?2
        where id in (select id from (select id, next_run_at, row_number() over (partition by org_id order by next_run_at) as turn
            from automation where next_run_at <= ?1 and coalesce(dispatched_until, '') <= ?1)
          order by turn, next_run_at limit ?3)
        returning org_id, id, next_run_at as slot";
    /// The same of those that have runs which wait, or which nobody holds any more.
    DISPATCH_WAITING = "update automation set dispatched_until = ?2
        where id in (select id from (select a.id, since, row_number() over (partition by a.org_id order by since) as turn
            from (select automation_id, min(lease_until) as since from automation_run indexed by automation_run_lease_idx
                where lease_until <= ?1 group by automation_id)
            join automation a on a.id = automation_id where coalesce(a.dispatched_until, '') <= ?1)
          order by turn, since limit ?3)
        returning org_id, id, (select min(r.scheduled_for) from automation_run r
            where r.automation_id = automation.id and r.lease_until is not null) as slot";
    /// At most `?2` organizations whose audit logs have events that are older than `?1`, but for their newest: of the oldest
    /// `?3` events of all.
    OLD_LOGS = "select distinct org_id from (select e.org_id from audit_event e
            where e.at < ?1 and exists (select 1 from audit_event n where n.org_id = e.org_id and n.seq > e.seq)
            order by e.at limit ?3) limit ?2";
    /// Deletes the first events of the log of the organization `?1`: at most `?3`, none from the first that is not older than
    /// `?2` on, and not the newest. Returns a row for each. (`+` keeps SQLite from looking for the young ones of all organizations.)
    PURGE_LOG = "delete from audit_event where org_id = ?1 and seq < min(
            (select min(f.seq) from audit_event f where f.org_id = ?1) + ?3,
            (select max(n.seq) from audit_event n where n.org_id = ?1),
            coalesce((select min(y.seq) from audit_event y where y.org_id = ?1 and +y.at >= ?2
                and y.seq < (select min(f.seq) from audit_event f where f.org_id = ?1) + ?3), 9007199254740991))
        returning 1 as gone";
    /// Deletes at most `?2` runs that ended before `?1`, of whatever organization, with what they told; none of which something
    /// is still on its way. (`+` has SQLite look among a run's own deliveries, not among all that wait.)
    PURGE_RUNS = "delete from automation_run where id in (select r.id from automation_run r
        where r.finished_at < ?1 and not exists (select 1 from delivery d
            where d.org_id = r.org_id and d.run_id = r.id and +d.next_attempt_at is not null)
        order by r.finished_at limit ?2)";
    /// The same, at `?1`, of runs whose organization has decided to keep them for fewer than `?3` days, and for no longer.
    PURGE_RUNS_OF_ORGANIZATIONS = "delete from automation_run where id in (select r.id from organization_setting s
        join automation_run r on r.org_id = s.org_id
            and r.finished_at < strftime('%Y-%m-%dT%H:%M:%fZ', ?1, '-' || s.run_retention_days || ' days')
        where s.run_retention_days > 0 and s.run_retention_days < ?3 and not exists (select 1 from delivery d
            where d.org_id = r.org_id and d.run_id = r.id and +d.next_attempt_at is not null)
        limit ?2)";
}
