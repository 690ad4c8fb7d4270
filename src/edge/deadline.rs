//! How long what is asked of the platform may take.
use futures_util::{
    future::{Either, select},
    pin_mut,
};
use std::time::Duration;
use worker::Delay;

/// The answer; none if it has not come within the limit.
pub async fn within<T>(limit: Duration, answer: impl Future<Output = T>) -> Option<T> {
    let deadline = Delay::from(limit);
    pin_mut!(answer, deadline);
    match select(answer, deadline).await {
        Either::Left((answer, _)) => Some(answer),
        Either::Right(_) => None,
    }
}
