-- What came of each attempt at a delivery: a JSON list of the last of them, oldest first. In the row, so that noting one costs
-- no statement of its own.
alter table delivery add column attempts text not null default '[]' check (json_valid(attempts));
