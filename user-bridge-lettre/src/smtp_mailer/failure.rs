//! What went wrong between a mailer and its server.

use std::fmt;

use lettre::transport::smtp::Error;

/// What went wrong between a mailer and its server.
///
/// What the server says in words is left out, as it repeats addresses.
#[derive(Debug, thiserror::Error)]
pub(super) enum SmtpFailure {
    /// There is no connection, or it broke.
    #[error("the mail server could not be reached")]
    Connection(#[source] Error),
    /// It took longer than it may.
    #[error("the mail server took too long")]
    TimedOut,
    /// The server offers no encryption.
    #[error("the mail server does not offer STARTTLS")]
    StartTlsMissing,
    /// The server says something else than the protocol has it.
    #[error("the mail server answered {step} with what makes no sense")]
    Garbled { step: Step },
    /// The server said no.
    #[error("the mail server refused {step} with {reply}")]
    Refused { step: Step, reply: Reply },
    /// The sender's address has letters that the server does not know.
    #[error("the sender's address is not ASCII, and the mail server does not support SMTPUTF8")]
    SenderNotAscii,
    /// The recipient's address has letters that the server does not know.
    #[error("the recipient's address is not ASCII, and the mail server does not support SMTPUTF8")]
    RecipientNotAscii,
    /// The server wants text of seven bits.
    #[error("the mail is not ASCII, and the mail server does not support 8BITMIME")]
    MessageNotAscii,
}

/// In the course of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Connecting and greeting.
    Greeting,
    /// Signing in.
    Credentials,
    /// Naming the sender.
    Sender,
    /// Naming the recipient.
    Recipient,
    /// Handing over the content.
    Content,
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Greeting => "the greeting",
            Self::Credentials => "the credentials",
            Self::Sender => "the sender",
            Self::Recipient => "the recipient",
            Self::Content => "the mail",
        })
    }
}

/// The numbers of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reply {
    code: u16,
    /// Class, subject and detail of RFC 3463, if the server says them.
    status: Option<(u8, u16, u16)>,
}

impl Reply {
    /// Whether the recipient or the mail itself is why, for good.
    ///
    /// # Rule
    ///
    /// RFC 3463 section 3: subject 1 is the address (1.7 and 1.8 the sender's), 2 the mailbox, 6 the content; the
    /// others are the server's, the network's, the protocol's and the policy's affair, which another day or other
    /// settings may change. Without those numbers RFC 5321 section 4.2.3 and RFC 7504 section 4 have codes that
    /// say of a recipient that there is no such mailbox.
    const fn is_final(self, step: Step) -> bool {
        if !matches!(step, Step::Recipient | Step::Content) {
            return false;
        }
        match self.status {
            Some((5, 1, 7 | 8)) => false,
            Some((5, subject, _)) => matches!(subject, 1 | 2 | 6) && self.code >= 500,
            Some(_) => false,
            None => matches!(step, Step::Recipient) && matches!(self.code, 550 | 551 | 553 | 556),
        }
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.code)?;
        match self.status {
            Some((class, subject, detail)) => write!(formatter, " {class}.{subject}.{detail}"),
            None => Ok(()),
        }
    }
}

impl SmtpFailure {
    /// What an error of lettre means in the course of a step.
    pub(super) fn of(step: Step, error: Error) -> Self {
        if let Some(code) = error.status() {
            let code = u16::from(code);
            let words = std::error::Error::source(&error).map(ToString::to_string);
            let status = words.as_deref().and_then(enhanced_status);
            return Self::Refused { step, reply: Reply { code, status } };
        }
        if error.is_response() {
            return Self::Garbled { step };
        }
        Self::Connection(error)
    }

    /// Whether trying again is of no use.
    pub(super) const fn is_final(&self) -> bool {
        match self {
            Self::Refused { step, reply } => reply.is_final(*step),
            Self::RecipientNotAscii => true,
            Self::Connection(_)
            | Self::TimedOut
            | Self::StartTlsMissing
            | Self::SenderNotAscii
            | Self::Garbled { .. }
            | Self::MessageNotAscii => false,
        }
    }

    /// Whether the server has answered and waits for what comes next.
    pub(super) const fn is_answer(&self) -> bool {
        matches!(
            self,
            Self::Refused { .. }
                | Self::SenderNotAscii
                | Self::RecipientNotAscii
                | Self::MessageNotAscii
        )
    }
}

/// The numbers that a reply begins with: `5.1.1`.
fn enhanced_status(words: &str) -> Option<(u8, u16, u16)> {
    let mut numbers = words.split_whitespace().next()?.split('.');
    let status = (
        numbers.next()?.parse().ok()?,
        numbers.next()?.parse().ok()?,
        numbers.next()?.parse().ok()?,
    );
    numbers.next().is_none().then_some(status)
}

#[cfg(test)]
mod tests {
    use super::{Reply, Step, enhanced_status};

    #[test]
    fn what_concerns_the_recipient_or_the_mail_is_final() {
        for (code, words, step, is_final) in [
            (550, "5.1.1 no such user", Step::Recipient, true),
            (550, "no such user", Step::Recipient, true),
            (552, "5.2.2 mailbox full", Step::Recipient, true),
            (556, "5.1.10 null MX", Step::Recipient, true),
            (552, "5.3.4 too big", Step::Content, false),
            (554, "5.6.0 malformed", Step::Content, true),
            (450, "4.2.1 try later", Step::Recipient, false),
            (450, "5.1.1 contradicts itself", Step::Recipient, false),
            (550, "5.7.1 relaying denied", Step::Recipient, false),
            (554, "transaction failed", Step::Content, false),
            (550, "transaction failed", Step::Content, false),
            (550, "5.1.8 bad sender", Step::Recipient, false),
            (550, "5.1.1 not you", Step::Sender, false),
            (535, "5.7.8 wrong password", Step::Credentials, false),
            (554, "no service", Step::Greeting, false),
            (503, "5.5.1 out of order", Step::Recipient, false),
        ] {
            let reply = Reply { code, status: enhanced_status(words) };
            assert_eq!(reply.is_final(step), is_final, "{code} {words} to {step}");
        }
    }

    #[test]
    fn numbers_are_read_from_the_first_word_alone() {
        assert_eq!(enhanced_status("5.1.1 <a@b> unknown"), Some((5, 1, 1)));
        for words in ["", "no", "10.0.0.1 is blocked", "5.1", "5.1.x", "-5.1.1", "see 5.1.1"] {
            assert_eq!(enhanced_status(words), None, "{words}");
        }
    }
}
