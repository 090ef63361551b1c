//! The templates that come with this crate.

/// The templates that come with this crate: name and source.
pub(crate) const SHIPPED: [(&str, &str); 58] = {
    macro_rules! shipped {
        ($($name:literal)*) => {
            [$(($name, include_str!(concat!("../templates/", $name)))),*]
        };
    }
    shipped! {
        "en/_how.html" "en/_how.txt" "en/_how_to_stop.html" "en/_how_to_stop.txt" "en/_layout.html"
        "en/_layout.txt" "en/_lifetime.txt" "en/account_closed.html" "en/account_closed.txt"
        "en/account_reopened.html" "en/account_reopened.txt" "en/account_removed.html"
        "en/account_removed.txt" "en/activation.html"
        "en/activation.txt" "en/already_registered.html" "en/already_registered.txt"
        "en/email_change_current.html" "en/email_change_current.txt" "en/email_change_new.html"
        "en/email_change_new.txt" "en/email_change_taken.html" "en/email_change_taken.txt"
        "en/email_changed.html" "en/email_changed.txt" "en/password_changed.html"
        "en/password_changed.txt" "en/password_reset.html" "en/password_reset.txt"
        "de/_how.html" "de/_how.txt" "de/_how_to_stop.html" "de/_how_to_stop.txt" "de/_layout.html"
        "de/_layout.txt" "de/_lifetime.txt" "de/account_closed.html" "de/account_closed.txt"
        "de/account_reopened.html" "de/account_reopened.txt" "de/account_removed.html"
        "de/account_removed.txt" "de/activation.html"
        "de/activation.txt" "de/already_registered.html" "de/already_registered.txt"
        "de/email_change_current.html" "de/email_change_current.txt" "de/email_change_new.html"
        "de/email_change_new.txt" "de/email_change_taken.html" "de/email_change_taken.txt"
        "de/email_changed.html" "de/email_changed.txt" "de/password_changed.html"
        "de/password_changed.txt" "de/password_reset.html" "de/password_reset.txt"
    }
};
