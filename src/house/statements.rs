//! Every statement, by what it may reach.
