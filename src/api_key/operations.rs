//! API keys' lines of the table of operations. None is a tool: a model neither makes nor revokes credentials.
use super::{ApiKey, CreatedApiKey, NewApiKey};
use crate::{
    id::ApiKeyId,
    operation::{
        Deleted,
        input::{DeleteById, PageInput},
        page::Page,
    },
};

crate::operations! {
    /// List the organization's API keys, newest first; your own, unless you may delete any.
    api_key_list GET "/api/api-keys" [Read ApiKey] super::list: PageInput<ApiKeyId> => Page<ApiKey>;
    /// Make an API key, which acts as you or for the organization. The answer shows it, this once.
    api_key_create POST "/api/api-keys" [Create ApiKey] super::create: NewApiKey => CreatedApiKey;
    /// Revoke an API key: it is refused from the next request on.
    api_key_delete DELETE "/api/api-keys/{id}" [Delete ApiKey] super::delete:
        DeleteById<ApiKeyId> => Deleted<ApiKeyId>;
}
