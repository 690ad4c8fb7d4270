//! Automations' lines of the table of operations.
use super::{
    Automation, AutomationPatch, NewAutomation,
    preview::{self, Preview, PreviewInput},
    run::{self, AutomationRun, AutomationRunPageInput},
    status::{self, AutomationStatus, Rehearsal},
};
use crate::{
    id::{AutomationId, AutomationRunId},
    operation::{
        Deleted,
        input::{ById, DeleteById, PageInput},
        page::Page,
    },
};

crate::operations! {
    /// List the organization's automations, newest first.
    automation_list GET "/api/automations" [Read Automation] super::list:
        PageInput<AutomationId> => Page<Automation>;
    /// Create an automation, which watches a number or sends a dashboard on a schedule.
    automation_create POST "/api/automations" [Create Automation, sends] super::create: NewAutomation => Automation;
    /// Show one automation.
    automation_show GET "/api/automations/{id}" [Read Automation] super::show: ById<AutomationId> => Automation;
    /// Change an automation's name, config or schedule, or switch it on or off.
    automation_update PATCH "/api/automations/{id}" [Update Automation, sends] super::update:
        AutomationPatch => Automation;
    /// Show how an automation stands: when it is due next, how its alert stands, how often it failed in a row.
    automation_status GET "/api/automations/{id}/status" [Read Automation] status::status:
        ById<AutomationId> => AutomationStatus;
    /// Show what an automation would find now, and what it would tell: nothing is kept, and nobody is told.
    automation_test POST "/api/automations/{id}/test" [Run Automation] status::test: ById<AutomationId> => Rehearsal;
    /// Send a test to an automation's channels: it says that it is one. Nothing is evaluated, and how the automation stands does
    /// not change.
    automation_test_send POST "/api/automations/{id}/test-send" [Run Automation] status::test_send:
        ById<AutomationId> => AutomationRun;
    /// Have an automation run now. Look at the run later: this answers before it has begun.
    automation_run_now POST "/api/automations/{id}/run" [Run Automation] status::run_now:
        ById<AutomationId> => AutomationRun;
    /// Delete an automation and its runs.
    automation_delete DELETE "/api/automations/{id}" [Delete Automation] super::delete:
        DeleteById<AutomationId> => Deleted<AutomationId>;
    /// Show the next five instants at which a schedule would be due.
    automation_preview POST "/api/automation-preview" [member] preview::preview: PreviewInput => Preview;
    /// List the runs of the organization's automations, newest first; those of one automation, or of one status, if you
    /// name it. They are without their evidence: show a run to see it.
    automation_run_list GET "/api/automation-runs" [Read Automation] run::list:
        AutomationRunPageInput => Page<AutomationRun>;
    /// Show one run of an automation: whether it succeeded, what came out and of what evidence, what went wrong.
    automation_run_show GET "/api/automation-runs/{id}" [Read Automation] run::show:
        ById<AutomationRunId> => AutomationRun;
}
