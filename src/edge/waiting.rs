//! What goes on behind an answer.
use std::rc::Rc;

/// What keeps a Worker alive for what goes on behind its answer.
#[derive(Clone)]
pub enum Waiting {
    /// A request's, or a message's.
    Request(Rc<worker::Context>),
    /// A cron trigger's.
    Schedule(Rc<worker::ScheduleContext>),
}

impl Waiting {
    /// Waits until the work is done.
    pub fn wait_until(&self, work: impl Future<Output = ()> + 'static) {
        match self {
            Self::Request(context) => context.wait_until(work),
            Self::Schedule(context) => context.wait_until(work),
        }
    }
}
