-- Functions that read, write, tell of the engine, depend on chance or the clock, or grow.

-- refused: the pattern of LIKE or GLOB must be a text
select * from sales where region like '%' like (select region from sales)

-- refused: is not supported
select load_extension('x')
select load_extension('x', 'y')
select "load_extension"('x')
select LOAD_EXTENSION('x')
select readfile('/etc/passwd')
select writefile('x', 'y')
select edit('x')
select lsdir('/')
select fts3_tokenizer('x')
select fts5(1)
select fts5_source_id()
select fts5_insttoken(region) from sales
select bm25(sales) from sales
select highlight(sales, 0, 'a', 'b') from sales
select snippet(sales, 0, 'a', 'b', 'c', 1) from sales
select matchinfo(sales) from sales
select rtreenode(1, 2)
select rtreecheck('sales')
select rtreedepth(1)
select geopoly_blob(1)
select sqlite_version()
select sqlite_source_id()
select sqlite_compileoption_get(1)
select sqlite_compileoption_used('x')
select sqlite_log(1, 'x')
select sqlite_offset(amount) from sales
select sqlite_rename_table(1, 2, 3, 4, 5, 6, 7)
select sqlite_rename_column(1, 2, 3, 4, 5, 6, 7, 8, 9)
select sqlite_drop_column(1, 2, 3)
select sqlite_add_constraint(1, 2)
select sqlite_fail(1, 2)
select last_insert_rowid()
select changes()
select total_changes()
select random()
select randomblob(16)
select hex(randomblob(16))
select abs(random())
select * from sales order by random()
select zeroblob(1)
select hex(region) from sales
select unhex('00')
select quote(region) from sales
select char(0)
select unicode(region) from sales
select unistr('\u0041')
select unistr_quote('a')
select printf('%d', 1)
select format('%d', 1)
select soundex(region) from sales
select subtype(region) from sales
select decimal(amount) from sales
select decimal_sum(amount) from sales
select ieee754(amount) from sales
select sha1(region) from sales
select sha3(region) from sales
select md5(region) from sales
select base64(region) from sales
select base85(region) from sales
select regexp('a', region) from sales
select regexpi('a', region) from sales
select regexp_replace(region, 'a', 'b') from sales
select edit_distance('a', 'b')
select editdist3('a', 'b')
select spellfix1_editdist('a', 'b')
select eval('select token from secrets')
select parse_create('x', 1)
select shathree('x')
select json_extract('{}', '$')
select json_group_array(amount) from sales
select json_group_object(region, amount) from sales
select jsonb_group_array(amount) from sales
select json_array(1)
select json_object('a', 1)
select json('[]')
select jsonb('[]')
select json_valid('[]')
select json_set('{}', '$.a', 1)
select json_insert('{}', '$.a', 1)
select json_replace('{}', '$.a', 1)
select json_remove('{}', '$.a')
select json_patch('{}', '{}')
select json_pretty('{}')
select json_quote(region) from sales
select json_type('[]')
select json_array_length('[]')
select json_error_position('[]')
select json_each('[]')
select likelihood(amount, 0.5) from sales
select likely(amount) from sales
select unlikely(amount) from sales
select like('a', 'b')
select like('a', 'b', '\')
select glob('a', 'b')
select match('a', 'b')
select "like"('a%', region) from sales
select concat('a', 'b')
select concat_ws(',', 'a', 'b')
select string_agg(region, ',') from sales
select median(amount) from sales
select percentile(amount, 50) from sales
select percentile_cont(amount, 0.5) from sales
select stddev(amount) from sales
select if(1, 2, 3)
select timediff('2026-01-01', '2025-01-01')
select octet_length(region) from sales
select power(2, 3)
select sin(1)
select degrees(1)
select radians(1)
select log10(10)

-- refused: -> and ->> are not supported
select region -> '$.a' from sales
select region ->> '$.a' from sales

-- refused: RAISE belongs
select raise(abort, 'x')
select raise(ignore)
select raise(fail, (select token from secrets))

-- refused: syntax error
select nothing(amount) from sales
select main.upper('a')
select sales.upper('a') from sales

-- refused: arguments
select count(1, 2) from sales
select sum() from sales
select sum(amount, 1) from sales
select upper() from sales
select upper('a', 'b')
select round(1, 2, 3)
select iif(1)
select coalesce(1)
select pi(1)
select row_number(1) over () from sales

-- refused: takes no *
select sum(*) from sales
select upper(*) from sales

-- refused: needs `over
select row_number() from sales
select rank() from sales
select lag(amount) from sales
select ntile(2) from sales

-- refused: takes no filter and no window
select upper(region) over () from sales
select upper(region) filter (where 1) from sales

-- refused: cannot stand over a window
select group_concat(region) over (order by day) from sales

-- refused: EXCLUDE is not supported
select sum(amount) over (order by day rows unbounded preceding exclude current row) from sales
select sum(amount) over (order by day groups unbounded preceding exclude ties) from sales
select sum(amount) over (order by day rows between unbounded preceding and current row exclude group) from sales

-- refused: MATCH is not supported
select region match 'x' from sales
select * from sales where sales match 'x'

-- refused: REGEXP is not supported
select * from sales where region regexp 'x'
select * from sales where region not regexp '(a+)+$'

-- stopped: no such window
select sum(amount) over nowhere from sales

-- stopped: misuse of
select sum(sum(amount)) from sales
select * from sales where sum(amount) > 1
select * from sales where row_number() over () = 1

-- answered
select date('now', 'localtime') = date('now', 'utc')
select date('now', '+' || amount || ' days') from sales
select datetime('now', 'auto'), datetime('subsec'), unixepoch('now', 'subsec')
select strftime('%s', 'now'), strftime('%J', 'NOW'), julianday('now')
select current_timestamp, current_date, current_time
select date(), time(), datetime(), strftime('%Y')
select strftime('%f %s', 'now', 'start of year', 'weekday 1')
select date('now ') is null, date(' now') is null
select date('n' || 'ow') is null, julianday('subse' || 'c') is null from sales
select julianday(iif(region = 'north', 'now', 'NOW')), julianday((select 'now')), julianday(coalesce(null, 'subsecond')) from sales
