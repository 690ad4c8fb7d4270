//! Grants' lines of the table of operations. None is a tool: a model neither sees nor revokes what its tokens hang on.
use super::grant::{self, OauthGrant};
use crate::{
    id::OauthGrantId,
    operation::{
        Deleted,
        input::{DeleteById, PageInput},
        page::Page,
    },
};

crate::operations! {
    /// List the applications that act for people in the organization, newest first; for you, unless you may revoke any.
    oauth_grant_list GET "/api/oauth-grants" [Read OauthGrant] grant::list: PageInput<OauthGrantId> => Page<OauthGrant>;
    /// Revoke what an application was granted: its tokens are refused from the next request on.
    oauth_grant_delete DELETE "/api/oauth-grants/{id}" [Delete OauthGrant] grant::delete:
        DeleteById<OauthGrantId> => Deleted<OauthGrantId>;
}
