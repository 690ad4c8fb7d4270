//! How far a delivery has come, and what each event makes of that: pure, so that every history can be played.
use crate::time::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How far a delivery has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum DeliveryStatus {
    /// It waits for its first attempt, or for the next.
    Pending,
    /// It is being sent.
    Sending,
    /// The receiver has taken it.
    Delivered,
    /// It was given up. It can be sent again.
    Dead,
}

impl DeliveryStatus {
    /// The word, as stored.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sending => "sending",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }
}

/// Seconds from each failed attempt to the next: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h. Source: Standard Webhooks,
/// "Deliverability and reliability".
pub const RETRIES_AFTER_S: [i64; 7] = [5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 10 * 3600];

/// Attempts until a delivery is given up.
pub const MAX_ATTEMPTS: usize = RETRIES_AFTER_S.len() + 1;

/// Why an attempt failed: in few words of ours, never in those of a stranger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The receiver answered with this status, which is not 2xx.
    Http(u16),
    /// It did not answer in time.
    TimedOut,
    /// It could not be reached, or what it sent is no HTTP.
    Unreachable,
    /// Its answer is longer than anyone here reads.
    AnswerTooLarge,
    /// The URL leads where nothing may be sent.
    TargetRefused,
    /// Nobody has said yet that mails may be sent to the address. It was asked.
    AddressNotVerified,
    /// The mail could not be handed over.
    MailFailed,
    /// Mails are not sent by this deployment.
    MailDisabled,
    /// The sender was cut off at the last attempt: whether it arrived is not known.
    Interrupted,
}

impl Failure {
    /// Whether another attempt can do nothing about it.
    const fn is_final(self) -> bool {
        // 410: the receiver says that it is gone for good (Standard Webhooks).
        matches!(self, Self::TargetRefused | Self::Interrupted | Self::Http(410))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http(status) => write!(f, "HTTP_{status}"),
            Self::TimedOut => f.write_str("TIMED_OUT"),
            Self::Unreachable => f.write_str("UNREACHABLE"),
            Self::AnswerTooLarge => f.write_str("ANSWER_TOO_LARGE"),
            Self::TargetRefused => f.write_str("TARGET_REFUSED"),
            Self::AddressNotVerified => f.write_str("ADDRESS_NOT_VERIFIED"),
            Self::MailFailed => f.write_str("MAIL_FAILED"),
            Self::MailDisabled => f.write_str("MAIL_DISABLED"),
            Self::Interrupted => f.write_str("INTERRUPTED"),
        }
    }
}

/// What an attempt leaves a delivery in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Next {
    /// How far it has come.
    pub status: DeliveryStatus,
    /// When it is due again.
    pub next_attempt_at: Option<Timestamp>,
    /// Why the attempt failed, if it did.
    pub failure: Option<Failure>,
}

/// What the attempt of this number, from 1, which ended so at that instant, leaves a delivery in.
#[must_use]
pub fn after(attempt: usize, outcome: Result<(), Failure>, at: Timestamp) -> Next {
    let Err(failure) = outcome else {
        return Next { status: DeliveryStatus::Delivered, next_attempt_at: None, failure: None };
    };
    let delay_s = attempt.checked_sub(1).and_then(|failed| RETRIES_AFTER_S.get(failed)).filter(|_| !failure.is_final());
    let status = if delay_s.is_some() { DeliveryStatus::Pending } else { DeliveryStatus::Dead };
    Next { status, next_attempt_at: delay_s.map(|s| at.plus_s(*s)), failure: Some(failure) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: i64) -> Timestamp {
        Timestamp::from_unix_ms(1_800_000_000_000).plus_s(s)
    }

    #[test]
    fn a_receiver_that_stays_down_is_tried_eight_times_over_a_day() {
        let (mut now_s, mut attempts) = (0, vec![]);
        for attempt in 1.. {
            attempts.push(now_s);
            let next = after(attempt, Err(Failure::Http(503)), at(now_s));
            let Some(due) = next.next_attempt_at else {
                assert_eq!(next.status, DeliveryStatus::Dead);
                break;
            };
            assert_eq!(next.status, DeliveryStatus::Pending);
            now_s = (due.unix_ms() - at(0).unix_ms()) / 1000;
        }
        assert_eq!(attempts, [0, 5, 305, 2105, 9305, 27_305, 63_305, 99_305]);
        assert_eq!(attempts.len(), MAX_ATTEMPTS);
    }

    #[test]
    fn what_no_attempt_can_mend_is_given_up_at_once() {
        for (failure, gives_up) in [
            (Failure::Http(410), true),
            (Failure::TargetRefused, true),
            (Failure::Interrupted, true),
            (Failure::Http(302), false),
            (Failure::Http(404), false),
            (Failure::TimedOut, false),
            (Failure::Unreachable, false),
            (Failure::MailFailed, false),
        ] {
            let next = after(1, Err(failure), at(0));
            assert_eq!((next.status == DeliveryStatus::Dead, next.failure), (gives_up, Some(failure)), "{failure}");
        }
    }
}
