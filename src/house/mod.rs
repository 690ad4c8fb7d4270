//! Tests of the house itself: they walk its tables, so that a new line is covered at birth.
mod audit;
pub mod docs;
mod fuzz;
mod isolation;
mod layers;
mod migrations;
mod operations;
mod outbox;
mod schema;
mod sources;
mod statements;
pub mod world;
