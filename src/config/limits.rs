//! How much data an organization may have.
use super::Reader;

/// What an organization's datasets may be together.
#[derive(Clone, Copy, Debug)]
pub struct DataLimits {
    /// `DATASET_LIMIT`: how many datasets. Default 200.
    pub datasets: u32,
    /// `ROW_LIMIT`: how many rows. Default 5,000,000.
    pub rows: u64,
    /// `STORAGE_LIMIT_MB`: how many bytes their rows and indexes fill. Default 2,000 MB; a Durable Object holds 10 GB.
    pub bytes: u64,
}

impl DataLimits {
    pub(super) fn read(vars: &mut Reader<'_>) -> Self {
        Self {
            datasets: vars.number("DATASET_LIMIT", 200, 1..=10_000),
            rows: vars.number("ROW_LIMIT", 5_000_000, 1..=100_000_000).into(),
            bytes: u64::from(vars.number("STORAGE_LIMIT_MB", 2_000, 1..=9_000)) * 1_000_000,
        }
    }
}
