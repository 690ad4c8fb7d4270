//! Every mail that we send, a function each.
//!
//! Who may cause a mail to an address that is not his (sign-up, reset) can put no word of his own into it: it would carry
//! his advertisement under our name.
use super::{Attachment, MAX_SUBJECT, Mail, one_line};
use crate::{Result, html::escaped};
use layout::Letter;

mod layout;

pub use layout::Link;

/// Characters of a name that a mail repeats.
const MAX_NAME: usize = 80;

const IGNORE: &str = "If you did not ask for this, ignore this mail: nothing happens.";

/// Asks for a proof that the address is his who signed up with it.
///
/// # Errors
/// `Internal` if `to` is no address.
pub fn verification(to: &str, link: Link<'_>) -> Result<Mail> {
    Letter {
        kind: "verification",
        subject: "Verify your e-mail address",
        lines: &["Please confirm that this is your e-mail address."],
        link: Some(("Verify my address", link)),
        note: IGNORE,
    }
    .to(to)
}

/// Leads to a new password.
///
/// # Errors
/// As [`verification`].
pub fn reset_password(to: &str, link: Link<'_>) -> Result<Mail> {
    Letter {
        kind: "reset-password",
        subject: "Reset your password",
        lines: &["Someone, hopefully you, asked for a new password for your account."],
        link: Some(("Choose a new password", link)),
        note: "If you did not ask for this, ignore this mail: your password stays as it is.",
    }
    .to(to)
}

/// Says that the password is another one now.
///
/// # Errors
/// As [`verification`].
pub fn password_changed(to: &str) -> Result<Mail> {
    Letter {
        kind: "password-changed",
        subject: "Your password was changed",
        lines: &["The password of your account has just been changed."],
        link: None,
        note: "If it was not you, reset your password at once: someone else may have access to your account.",
    }
    .to(to)
}

/// Asks the address that a user has whether he may have `new_email` in its place.
///
/// # Errors
/// As [`verification`].
pub fn change_email_confirmation(to: &str, new_email: &str, link: Link<'_>) -> Result<Mail> {
    Letter {
        kind: "change-email-confirmation",
        subject: "Confirm your new e-mail address",
        lines: &[&format!("Someone, hopefully you, asked to change the address of your account to {new_email}.")],
        link: Some(("Agree to the change", link)),
        note: "If it was not you, do not open the link, and change your password: someone else may have access to your \
               account.",
    }
    .to(to)
}

/// Asks the address that a user wants to have for a proof that it is his.
///
/// # Errors
/// As [`verification`].
pub fn change_email_verification(to: &str, link: Link<'_>) -> Result<Mail> {
    Letter {
        kind: "change-email-verification",
        subject: "Verify your new e-mail address",
        lines: &["Please confirm that your account is to have this e-mail address."],
        link: Some(("Verify my new address", link)),
        note: IGNORE,
    }
    .to(to)
}

/// Asks whether the account is to be deleted.
///
/// # Errors
/// As [`verification`].
pub fn delete_account(to: &str, link: Link<'_>) -> Result<Mail> {
    Letter {
        kind: "delete-account",
        subject: "Confirm that your account is to be deleted",
        lines: &["You asked for your account to be deleted. It cannot be brought back."],
        link: Some(("Delete my account", link)),
        note: "If it was not you, do not open the link, and change your password: someone else may have access to your \
               account.",
    }
    .to(to)
}

/// Who invites into what.
#[derive(Clone, Copy)]
pub struct Invited<'a> {
    /// The organization's name.
    pub organization: &'a str,
    /// The inviter's name.
    pub inviter: &'a str,
    /// The inviter's address.
    pub inviter_email: &'a str,
}

/// Invites someone into an organization.
///
/// # Errors
/// As [`verification`].
pub fn invitation(to: &str, invited: Invited<'_>, link: Link<'_>) -> Result<Mail> {
    let (organization, name) = (one_line(invited.organization, MAX_NAME), one_line(invited.inviter, MAX_NAME));
    let inviter = match name.as_str() {
        "" => invited.inviter_email.to_owned(),
        name => format!("{name} ({})", invited.inviter_email),
    };
    Letter {
        kind: "invitation",
        subject: &format!("You are invited to join {organization}"),
        lines: &[&format!("{inviter} invites you to join {organization}.")],
        link: Some(("See the invitation", link)),
        note: "If you do not know who that is, ignore this mail: nothing happens.",
    }
    .to(to)
}

/// Asks an address whether an organization's automations may send to it.
///
/// # Errors
/// As [`verification`].
pub fn recipient(to: &str, organization: &str, link: Link<'_>) -> Result<Mail> {
    let organization = one_line(organization, MAX_NAME);
    Letter {
        kind: "recipient",
        subject: &format!("May {organization} send you alerts and reports?"),
        lines: &[&format!("{organization} would like its automations to send alerts and reports to this address.")],
        link: Some(("Agree to that", link)),
        note: "If you do not want them, or do not know who that is, ignore this mail: nothing is sent.",
    }
    .to(to)
}

/// Says what an automation of the organization has to tell. A page that goes along is the mail itself, too.
///
/// # Errors
/// As [`verification`].
pub fn notice(to: &str, organization: &str, title: &str, text: &str, file: Option<Attachment>) -> Result<Mail> {
    let note =
        format!("You get this because an automation of {} sends to this address.", one_line(organization, MAX_NAME));
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let mail =
        Letter { kind: "notice", subject: &one_line(title, MAX_SUBJECT), lines: &lines, link: None, note: &note }
            .to(to)?;
    let Some(file) = file else { return Ok(mail) };
    let page = file.text.rsplit_once("</body>").filter(|_| file.media_type.starts_with("text/html"));
    let html = page.map(|(page, end)| format!("{page}<p class=\"small\">{}</p></body>{end}", escaped(&note)));
    let html = html.unwrap_or_else(|| mail.html.clone());
    Ok(Mail { html, ..mail }.with(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: Link<'_> = Link { url: "https://a.co/x?token=t&callbackURL=%2F", expires_in_s: 3600 };

    fn each() -> Vec<Mail> {
        let invited = Invited { organization: "Acme", inviter: "Ada", inviter_email: "ada@ex.co" };
        [
            verification("a@ex.co", LINK),
            reset_password("a@ex.co", LINK),
            password_changed("a@ex.co"),
            change_email_confirmation("a@ex.co", "b@ex.co", LINK),
            change_email_verification("a@ex.co", LINK),
            delete_account("a@ex.co", LINK),
            invitation("a@ex.co", invited, LINK),
            recipient("a@ex.co", "Acme", LINK),
            notice("a@ex.co", "Acme", "Orders are low", "7 is below 10.", None),
        ]
        .into_iter()
        .map(Result::unwrap)
        .collect()
    }

    #[test]
    fn each_mail_has_its_link_on_a_line_of_its_own_and_escaped_in_html() {
        for mail in each() {
            let has_link = !["password-changed", "notice"].contains(&mail.kind());
            assert_eq!(mail.text().lines().any(|line| line == LINK.url), has_link, "{}", mail.text());
            let href = "href=\"https://a.co/x?token=t&amp;callbackURL=%2F\"";
            assert_eq!(mail.html().contains(href), has_link, "{}", mail.html());
            assert!(!mail.subject().is_empty() && mail.html().contains("<h1"));
        }
    }

    #[test]
    fn a_name_brings_neither_html_nor_lines_nor_length_into_an_invitation() {
        let name = format!("<b>\r\nBcc: x@ex.co\"{}", "a".repeat(500));
        let invited = Invited { organization: &name, inviter: &name, inviter_email: "ada@ex.co" };
        let mail = invitation("a@ex.co", invited, LINK).unwrap();
        assert!(!mail.html().contains("<b>") && mail.html().contains("&lt;b&gt;"), "{}", mail.html());
        assert!(!mail.subject().contains('\n') && !mail.text().contains("\nBcc"), "{}", mail.text());
        assert!(mail.text().len() < 700, "{}", mail.text());
        let nameless = invitation("a@ex.co", Invited { inviter: " ", ..invited }, LINK).unwrap();
        assert!(nameless.text().starts_with("ada@ex.co invites you"));
    }

    #[test]
    fn a_notice_brings_neither_headers_nor_html_along() {
        let bad = format!("<b>\r\nBcc: x@ex.co{}", "a".repeat(500));
        let mail = notice("a@ex.co", &bad, &bad, "<script>\n\n& more", None).unwrap();
        assert!(!mail.subject().contains(char::is_control) && mail.subject().chars().count() <= MAX_SUBJECT);
        assert!(!mail.html().contains("<b>") && !mail.html().contains("<script>"), "{}", mail.html());
        assert!(mail.text().starts_with("<script>\n\n& more\n\nYou get this"), "{}", mail.text());
    }

    #[test]
    fn a_page_is_the_mail_itself_and_other_files_go_along() {
        let of = |media_type: &str, text: &str| {
            let file = Attachment { name: "r".into(), media_type: media_type.into(), text: text.into() };
            notice("a@ex.co", "<A>", "Sales", "As of today.", Some(file)).unwrap()
        };
        let page = of("text/html; charset=utf-8", "<html><body><h1>Sales</h1></body></html>");
        assert_eq!(
            page.html(),
            "<html><body><h1>Sales</h1><p class=\"small\">You get this because an automation of &lt;A&gt; sends to this \
             address.</p></body></html>"
        );
        assert!(page.text().starts_with("As of today."));
        let csv = of("text/csv", "a,</body>");
        assert!(csv.html().contains("<p>As of today.</p>"));
        assert_eq!((csv.attachments()[0].text.as_str(), page.attachments().len()), ("a,</body>", 1));
    }
}
