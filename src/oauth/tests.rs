//! The authorization server, through the whole core over SQLite.
