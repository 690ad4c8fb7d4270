//! Every statement over `agent_thread` and `agent_entry`. Each is confined to the user's own threads as well.
crate::org_sql! {
    /// A page of the user `?4`'s, newest first, after the id `?2` if there is one (every id sorts before `~`); at most `?3`
    /// rows.
    LIST = "select id, agent, thread_key as thread_id, title, created_at, updated_at from agent_thread
        where org_id = ?1 and created_by = ?4 and id < coalesce(?2, '~') order by id desc limit ?3";
    /// No row if the thread is another's.
    SHOW = "select id, agent, thread_key as thread_id, title, created_at, updated_at from agent_thread
        where org_id = ?1 and id = ?2 and created_by = ?3";
    /// The newest messages of the thread `?2` of the user `?3`, newest first; at most `?4`.
    MESSAGES = "select e.body as message_json from agent_thread t join agent_entry e on e.thread_id = t.id
        where t.org_id = ?1 and e.org_id = ?1 and t.id = ?2 and t.created_by = ?3 and e.kind = 'message'
        order by e.seq desc limit ?4";
    /// The same, by user `?2`, agent `?3` and the client's name `?4`; at most `?5`.
    REPLAY = "select e.body as message_json from agent_thread t join agent_entry e on e.thread_id = t.id
        where t.org_id = ?1 and e.org_id = ?1 and t.created_by = ?2 and t.agent = ?3 and t.thread_key = ?4
            and e.kind = 'message'
        order by e.seq desc limit ?5";
    /// Makes the thread `?5` of user `?2`, agent `?3` and name `?4`, unless it is there, or he has `?8` already. A caller
    /// who is no member any more breaks a foreign key.
    CREATE = "insert into agent_thread (org_id, created_by, agent, thread_key, id, title, created_at, updated_at)
        select ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7
        where not exists (select 1 from agent_thread
                where org_id = ?1 and created_by = ?2 and agent = ?3 and thread_key = ?4)
            and (select count(*) from agent_thread where org_id = ?1 and created_by = ?2) < ?8";
    /// Begins a run, at `?5`, unless the thread has `?6` entries. Returns it: the thread, and the run's number in it.
    START = "insert into agent_entry (org_id, thread_id, seq, run, kind, created_at)
        select ?1, n.id, n.seq, n.seq, 'start', ?5
        from (select t.id,
                (select coalesce(max(e.seq), 0) + 1 from agent_entry e where e.org_id = ?1 and e.thread_id = t.id) as seq
            from agent_thread t
            where t.org_id = ?1 and t.created_by = ?2 and t.agent = ?3 and t.thread_key = ?4) n
        where n.seq <= ?6
        returning thread_id, run";
    /// Adds the messages of the JSON list `?5` to the run `?4` of the thread `?2` of the user `?3`, at `?6`: all but those
    /// that are there.
    APPEND = "insert into agent_entry (org_id, thread_id, seq, run, kind, message_id, body, created_at)
        select ?1, t.id,
            (select coalesce(max(e.seq), 0) + 1 from agent_entry e where e.org_id = ?1 and e.thread_id = t.id) + json_each.key,
            ?4, 'message', json_extract(json_each.value, '$.id'), json_each.value, ?6
        from agent_thread t, json_each(?5)
        where t.org_id = ?1 and t.id = ?2 and t.created_by = ?3
            and not exists (select 1 from agent_entry e
                where e.org_id = ?1 and e.thread_id = t.id and e.message_id = json_extract(json_each.value, '$.id'))";
    /// Ends the run `?4` of the thread `?2` of the user `?3`, at `?5`.
    END = "insert into agent_entry (org_id, thread_id, seq, run, kind, created_at)
        select ?1, t.id, (select coalesce(max(e.seq), 0) + 1 from agent_entry e where e.org_id = ?1 and e.thread_id = t.id),
            ?4, 'end', ?5
        from agent_thread t where t.org_id = ?1 and t.id = ?2 and t.created_by = ?3";
    /// Asks the runs of user `?2`, agent `?3` and name `?4` to stop, at `?5`, if there is one that began after `?6` and has
    /// not ended.
    STOP = "insert into agent_entry (org_id, thread_id, seq, run, kind, created_at)
        select ?1, t.id, (select coalesce(max(e.seq), 0) + 1 from agent_entry e where e.org_id = ?1 and e.thread_id = t.id),
            0, 'stop', ?5
        from agent_thread t
        where t.org_id = ?1 and t.created_by = ?2 and t.agent = ?3 and t.thread_key = ?4
            and exists (select 1 from agent_entry s
                where s.org_id = ?1 and s.thread_id = t.id and s.kind = 'start' and s.created_at > ?6
                    and not exists (select 1 from agent_entry f
                        where f.org_id = ?1 and f.thread_id = t.id and f.kind = 'end' and f.run = s.run and f.seq > s.seq))";
    /// Whether the run `?4` of the thread `?2` of the user `?3` is to stop; no row if the thread is gone.
    IS_STOPPED = "select exists (select 1 from agent_entry e
                where e.org_id = ?1 and e.thread_id = t.id and e.kind = 'stop' and e.seq > ?4) as is_stopped
        from agent_thread t where t.org_id = ?1 and t.id = ?2 and t.created_by = ?3";
}

crate::owned_table! {
    /// Whose a thread is.
    AGENT_THREAD = AgentThread "agent_thread";
    /// Deletes one row, or none; its entries go with it.
    DELETE = "delete from agent_thread
        where org_id = ?1 and id = ?2 and (?3 is null or updated_at = ?3) and (?4 is null or created_by = ?4)";
}
