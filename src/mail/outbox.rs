//! Where mail stays in development and in tests.
use super::{Mail, Mailer};
use futures_util::future::{LocalBoxFuture, ready};
use std::{cell::RefCell, collections::VecDeque};

/// As many mails as are kept; the oldest go first.
const MAX_MAILS: usize = 1000;

/// Mails that went nowhere, to be looked at.
#[derive(Default)]
pub struct Outbox {
    mails: RefCell<VecDeque<Mail>>,
}

impl Outbox {
    /// Those to the address, in any case, or all of them; the oldest first.
    #[must_use]
    pub fn to(&self, address: Option<&str>) -> Vec<Mail> {
        let is_asked_for = |mail: &&Mail| address.is_none_or(|address| mail.to.eq_ignore_ascii_case(address));
        self.mails.borrow().iter().filter(is_asked_for).cloned().collect()
    }
}

impl Mailer for Outbox {
    fn send(&self, mail: Mail) {
        let mut mails = self.mails.borrow_mut();
        if mails.len() == MAX_MAILS {
            mails.pop_front();
        }
        mails.push_back(mail);
    }

    fn deliver(&self, mail: Mail) -> LocalBoxFuture<'_, Result<(), String>> {
        self.send(mail);
        Box::pin(ready(Ok(())))
    }

    fn outbox(&self) -> Option<&Outbox> {
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_keeps_the_last_thousand_in_order() {
        let outbox = Outbox::default();
        for n in 0..MAX_MAILS + 2 {
            let mail = Mail::new("test", &format!("p{}@ex.co", n % 2), &n.to_string(), String::new(), String::new());
            outbox.send(mail.unwrap());
        }
        let subjects = |address| outbox.to(address).into_iter().map(|mail| mail.subject).collect::<Vec<_>>();
        assert_eq!((subjects(None).len(), &*subjects(None)[0]), (MAX_MAILS, "2"));
        assert_eq!((subjects(Some("P1@ex.co")).len(), &*subjects(Some("P1@ex.co"))[0]), (MAX_MAILS / 2, "3"));
        assert!(subjects(Some("p2@ex.co")).is_empty());
    }
}
