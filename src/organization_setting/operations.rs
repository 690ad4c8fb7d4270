//! The settings' lines of the table of operations. They are no tools: what a model could have forgotten sooner is what it has done.
use super::{OrganizationSettings, OrganizationSettingsPatch};
use crate::operation::input::Nothing;

crate::operations! {
    /// Show what your organization has decided for itself, such as for how many days runs of automations are kept.
    organization_settings_show GET "/api/organization-settings" [Read Automation] super::show:
        Nothing => OrganizationSettings;
    /// Change what your organization decides for itself.
    organization_settings_update PATCH "/api/organization-settings" [Update Organization] super::update:
        OrganizationSettingsPatch => OrganizationSettings;
}
