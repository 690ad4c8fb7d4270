//! The table of routes.
use super::{
    Call, account, change_email, delete_user, organization, page, reset_password, session, sign_in, sign_up, social,
    user, verify_email,
};
use crate::{
    Result,
    api::Response,
    path::{self, Params},
};
use futures_util::future::LocalBoxFuture;
use http::Method;

/// What answers a route.
pub(super) type Handler = for<'a, 'b> fn(&'a mut Call<'b>) -> LocalBoxFuture<'a, Result<Response>>;

/// One of Better Auth's endpoints.
pub struct Route {
    /// its method
    pub method: Method,
    /// its path, without [`super::BASE_PATH`]
    pub path: &'static str,
    /// Whether a body may be `application/x-www-form-urlencoded` as well as JSON.
    pub takes_forms: bool,
    pub(super) handler: Handler,
}

macro_rules! routes {
    ($($method:ident $path:literal $($forms:ident)? => $handler:path;)+) => {
        /// Every endpoint. Any other path or method is 404 with an empty body, as in the reference.
        pub const ROUTES: &[Route] = &[$(Route {
            method: Method::$method,
            path: $path,
            takes_forms: routes!(@ $($forms)?),
            handler: |call| Box::pin($handler(call)),
        }),+];
    };
    (@) => { false };
    (@ forms) => { true };
}

routes! {
    POST "/sign-up/email" forms => sign_up::sign_up_email;
    POST "/sign-in/email" forms => sign_in::sign_in_email;
    POST "/sign-in/social" => social::sign_in::sign_in_social;
    GET "/callback/:id" => social::callback::callback;
    POST "/callback/:id" forms => social::callback::post_callback;
    POST "/sign-out" => session::endpoints::sign_out;
    GET "/get-session" => session::endpoints::get_session;
    POST "/get-session" => session::endpoints::post_session;
    GET "/list-sessions" => session::endpoints::list_sessions;
    POST "/revoke-session" => session::revoke::revoke_session;
    POST "/revoke-sessions" => session::revoke::revoke_sessions;
    POST "/revoke-other-sessions" => session::revoke::revoke_other_sessions;
    POST "/update-session" => session::endpoints::update_session;
    POST "/update-user" => user::update_user;
    POST "/change-password" => user::change_password;
    POST "/change-email" => change_email::change_email;
    POST "/request-password-reset" => reset_password::request_password_reset;
    GET "/reset-password/:token" => reset_password::follow_link;
    POST "/reset-password" => reset_password::reset_password;
    POST "/send-verification-email" => verify_email::send_verification_email;
    GET "/verify-email" => verify_email::verify_email;
    POST "/verify-password" => user::verify_password;
    GET "/list-accounts" => account::list_accounts;
    POST "/unlink-account" => account::unlink_account;
    POST "/delete-user" => delete_user::delete_user;
    GET "/delete-user/callback" => delete_user::delete_user_callback;
    POST "/link-social" => social::link::link_social;
    POST "/get-access-token" => social::tokens::get_access_token;
    POST "/refresh-token" => social::tokens::refresh_token;
    GET "/account-info" => social::tokens::account_info;
    GET "/ok" => page::ok;
    GET "/error" => page::error;
    POST "/organization/create" => organization::create::create;
    POST "/organization/check-slug" => organization::create::check_slug;
    POST "/organization/update" => organization::change::update;
    POST "/organization/delete" => organization::change::delete;
    POST "/organization/set-active" => organization::active::set_active;
    GET "/organization/get-organization" => organization::show::get_organization;
    GET "/organization/get-full-organization" => organization::show::get_full_organization;
    GET "/organization/list" => organization::show::list;
    GET "/organization/get-active-member" => organization::show::get_active_member;
    GET "/organization/get-active-member-role" => organization::member::list::get_active_member_role;
    POST "/organization/has-permission" => organization::permission::has_permission;
    POST "/organization/invite-member" => organization::invitation::invite::invite_member;
    POST "/organization/accept-invitation" => organization::invitation::accept::accept_invitation;
    POST "/organization/reject-invitation" => organization::invitation::decline::reject_invitation;
    POST "/organization/cancel-invitation" => organization::invitation::decline::cancel_invitation;
    GET "/organization/get-invitation" => organization::invitation::show::get_invitation;
    GET "/organization/list-invitations" => organization::invitation::show::list_invitations;
    GET "/organization/list-user-invitations" => organization::invitation::show::list_user_invitations;
    GET "/organization/list-members" => organization::member::list::list_members;
    POST "/organization/remove-member" => organization::member::leave::remove_member;
    POST "/organization/update-member-role" => organization::member::role::update_member_role;
    POST "/organization/leave" => organization::member::leave::leave;
    POST "/organization/create-team" => organization::team::create_team;
    GET "/organization/list-teams" => organization::team::list_teams;
    POST "/organization/update-team" => organization::team::update_team;
    POST "/organization/remove-team" => organization::team::remove_team;
    POST "/organization/set-active-team" => organization::team::active::set_active_team;
    GET "/organization/list-user-teams" => organization::team::active::list_user_teams;
    GET "/organization/list-team-members" => organization::team::member::list_team_members;
    POST "/organization/add-team-member" => organization::team::member::add_team_member;
    POST "/organization/create-role" => organization::role::create_role;
    POST "/organization/update-role" => organization::role::update_role;
    POST "/organization/delete-role" => organization::role::delete_role;
    GET "/organization/list-roles" => organization::role::show::list_roles;
    GET "/organization/get-role" => organization::role::show::get_role;
    POST "/organization/remove-team-member" => organization::team::member::remove_team_member;
}

/// The path of the endpoint that a path leads to, whatever the method.
pub(super) fn template(path: &str) -> Option<&'static str> {
    ROUTES.iter().map(|route| route.path).find(|template| path::params(template, path).is_some())
}

/// The route, and the values of its path's `:name` segments.
pub(super) fn find(method: &Method, path: &str) -> Option<(&'static Route, Params)> {
    let routes = ROUTES.iter().filter(|route| route.method == *method);
    routes.filter_map(|route| Some((route, path::params(route.path, path)?))).next()
}
