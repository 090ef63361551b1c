//! What a session began on.

use std::{fmt, net::IpAddr};

/// What a session began on, so that its user recognises it in a list.
///
/// It is personal data, so its `Debug` is constant.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Device {
    user_agent: Option<String>,
    address: Option<IpAddr>,
}

impl Device {
    /// The most bytes that are kept of what a client calls itself.
    pub const MAX_USER_AGENT_BYTES: usize = 256;

    /// The device of a client that calls itself so and comes from this address.
    ///
    /// Control characters are left out, and what is too long is cut.
    pub fn new(user_agent: Option<&str>, address: Option<IpAddr>) -> Self {
        let user_agent = user_agent.map(|user_agent| {
            let mut kept = String::new();
            for c in user_agent.chars().filter(|c| !c.is_control()) {
                if kept.len() + c.len_utf8() > Self::MAX_USER_AGENT_BYTES {
                    break;
                }
                kept.push(c);
            }
            kept
        });
        Self { user_agent: user_agent.filter(|user_agent| !user_agent.is_empty()), address }
    }

    /// What the client calls itself, if it does.
    pub fn user_agent(&self) -> Option<&str> {
        self.user_agent.as_deref()
    }

    /// The client's address, if it is known.
    pub fn address(&self) -> Option<IpAddr> {
        self.address
    }
}

impl fmt::Debug for Device {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Device(…)")
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::Device;

    #[test]
    fn what_a_client_calls_itself_is_cut_and_cleaned() {
        let named = |text: &str| Device::new(Some(text), None).user_agent().map(str::to_owned);
        assert_eq!(named("curl/8\r\nX: y"), Some("curl/8X: y".to_owned()));
        assert_eq!(named("é".repeat(200).as_str()).unwrap().len(), 256);
        assert_eq!(named("\n"), None);
        assert_eq!(Device::new(None, None), Device::default());
    }
}
