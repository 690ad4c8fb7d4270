//! The one layout that every mail has, as text and as HTML.
use crate::{Result, html::escaped, mail::Mail};
use std::fmt::Write;

/// Where a mail leads.
#[derive(Clone, Copy)]
pub struct Link<'a> {
    /// The whole URL.
    pub url: &'a str,
    /// Seconds for which it works.
    pub expires_in_s: u32,
}

/// What a mail says. Both forms are made of it, so neither can say what the other does not.
pub struct Letter<'a> {
    /// What it is, for the log.
    pub kind: &'static str,
    /// Its subject, and its heading.
    pub subject: &'a str,
    /// A paragraph each.
    pub lines: &'a [&'a str],
    /// A button, and where it leads.
    pub link: Option<(&'static str, Link<'a>)>,
    /// What to do if one did not ask for it.
    pub note: &'a str,
}

impl Letter<'_> {
    /// The mail.
    ///
    /// # Errors
    /// As [`Mail::new`].
    pub fn to(&self, address: &str) -> Result<Mail> {
        Mail::new(self.kind, address, self.subject, self.text(), self.html())
    }

    fn text(&self) -> String {
        let mut text = self.lines.join("\n\n");
        if let Some((label, link)) = self.link {
            let _ = write!(text, "\n\n{label}:\n{}\n\n{}", link.url, link.lifetime());
        }
        let _ = write!(text, "\n\n{}\n", self.note);
        text
    }

    fn html(&self) -> String {
        let mut body = String::new();
        for line in self.lines {
            let _ = write!(body, "<p>{}</p>", escaped(line));
        }
        if let Some((label, link)) = self.link {
            let (url, label) = (escaped(link.url), escaped(label));
            let _ = write!(
                body,
                "<p><a href=\"{url}\" style=\"{BUTTON}\">{label}</a></p><p style=\"{SMALL}\">{}<br>{url}</p>",
                link.lifetime()
            );
        }
        let (title, note) = (escaped(self.subject), escaped(self.note));
        format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\
             <body style=\"{PAGE}\"><h1 style=\"font-size:20px\">{title}</h1>{body}<p style=\"{SMALL}\">{note}</p>\
             </body></html>"
        )
    }
}

const PAGE: &str = "font-family:sans-serif;font-size:16px;line-height:1.5;color:#222;max-width:560px;margin:24px auto";
const BUTTON: &str =
    "display:inline-block;padding:10px 18px;background:#1a56db;color:#fff;text-decoration:none;border-radius:6px";
const SMALL: &str = "font-size:13px;color:#666;word-break:break-all";

impl Link<'_> {
    /// `The link works for 48 hours.`
    fn lifetime(&self) -> String {
        let (count, unit) = match self.expires_in_s {
            s if s % 86_400 == 0 && s > 2 * 86_400 => (s / 86_400, "day"),
            s if s % 3600 == 0 => (s / 3600, "hour"),
            s if s >= 60 => (s / 60, "minute"),
            s => (s, "second"),
        };
        format!("The link works for {count} {unit}{}.", if count == 1 { "" } else { "s" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_is_said_in_the_largest_unit_that_fits() {
        for (expires_in_s, said) in [
            (1, "1 second"),
            (59, "59 seconds"),
            (90, "1 minute"),
            (3600, "1 hour"),
            (172_800, "48 hours"),
            (604_800, "7 days"),
        ] {
            assert_eq!(Link { url: "", expires_in_s }.lifetime(), format!("The link works for {said}."));
        }
    }
}
