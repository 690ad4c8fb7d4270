//! Deliveries' lines of the table of operations, and those of webhooks' secrets, which are no tools: a model neither makes
//! nor revokes credentials.
use super::{
    Delivery, DeliveryPageInput, ShownDelivery,
    secret::{self, CreatedWebhookSecret, NewWebhookSecret, WebhookSecret},
};
use crate::{
    id::{DeliveryId, WebhookSecretId},
    operation::{
        Deleted,
        input::{ById, DeleteById, PageInput},
        page::Page,
    },
};

crate::operations! {
    /// List what automations have sent, or are about to, newest first; of one run or in one status, if you name it.
    delivery_list GET "/api/deliveries" [Read Automation] super::list: DeliveryPageInput => Page<Delivery>;
    /// Show one delivery: what it says, to whom, and whether it arrived.
    delivery_show GET "/api/deliveries/{id}" [Read Automation] super::show: ById<DeliveryId> => ShownDelivery;
    /// Send a dead delivery once more, with all its attempts.
    delivery_resend POST "/api/deliveries/{id}/resend" [Run Automation, sends] super::resend: ById<DeliveryId> => Delivery;
    /// List the secrets that webhooks are signed with, without themselves, newest first.
    webhook_secret_list GET "/api/webhook-secrets" [Read Automation] secret::list:
        PageInput<WebhookSecretId> => Page<WebhookSecret>;
    /// Make a secret that signs the webhooks to a URL. The answer shows it, this once. The one before signs for a day more.
    webhook_secret_create POST "/api/webhook-secrets" [Create Automation] secret::create:
        NewWebhookSecret => CreatedWebhookSecret;
    /// Delete a secret: it signs nothing any more, from now on.
    webhook_secret_delete DELETE "/api/webhook-secrets/{id}" [Delete Automation] secret::delete:
        DeleteById<WebhookSecretId> => Deleted<WebhookSecretId>;
}
