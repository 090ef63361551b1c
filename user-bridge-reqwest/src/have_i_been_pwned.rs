//! Breached passwords at Have I Been Pwned.

mod range;
mod settings;

use dullahan_core::{BoxFuture, Error, Result};
use dullahan_user::{domain::PasswordFingerprint, port::BreachedPasswords};
use reqwest::{Client, Response, StatusCode, Url, redirect::Policy};

use self::range::MalformedLine;
pub use self::settings::HaveIBeenPwnedSettings;

/// Looks passwords up at Have I Been Pwned, by the first five digits of their fingerprints.
///
/// Of some thousand passwords that begin alike, the server cannot tell which one it was; it answers
/// with all of them, padded so that the length of the answer says nothing either. It is asked directly, through no
/// redirection.
///
/// # Rule
///
/// The range search of Have I Been Pwned's API, version 3: `GET /range/{first five digits}`, the rest of each
/// fingerprint and a count in each line of the answer, `Add-Padding` for lines with a count of zero.
#[derive(Clone)]
pub struct HaveIBeenPwned {
    client: Client,
    base: Url,
    max_bytes: usize,
}

impl HaveIBeenPwned {
    /// A client with these settings; nobody is asked yet.
    ///
    /// # Errors
    ///
    /// [`HaveIBeenPwnedError`] if the address is none, or there is no encryption to be had.
    pub fn new(settings: HaveIBeenPwnedSettings) -> Result<Self, HaveIBeenPwnedError> {
        let base = settings.base()?;
        let builder = Client::builder()
            .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .connect_timeout(settings.connect_timeout)
            .timeout(settings.timeout);
        // A proxy of the environment is one to the world outside.
        let builder = if settings::is_loopback(&base) { builder.no_proxy() } else { builder };
        let client = builder.build().map_err(|error| HaveIBeenPwnedError::Client(error.into()))?;
        Ok(Self { client, base, max_bytes: settings.max_bytes })
    }

    async fn look_up(&self, fingerprint: &PasswordFingerprint) -> Result<bool, Failure> {
        let request = self.client.get(self.url(fingerprint)).header("Add-Padding", "true");
        let response = request.send().await.map_err(Failure::request)?;
        if response.status() != StatusCode::OK {
            return Err(Failure::Status(response.status()));
        }
        let range = self.read(response).await?;
        range::holds(&range, fingerprint).map_err(|MalformedLine(number)| Failure::Line(number))
    }

    fn url(&self, fingerprint: &PasswordFingerprint) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["range", fingerprint.prefix()]);
        }
        url
    }

    async fn read(&self, mut response: Response) -> Result<Vec<u8>, Failure> {
        let mut range = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(Failure::request)? {
            if range.len() + chunk.len() > self.max_bytes {
                return Err(Failure::TooLong(self.max_bytes));
            }
            range.extend_from_slice(&chunk);
        }
        Ok(range)
    }
}

impl BreachedPasswords for HaveIBeenPwned {
    fn is_breached<'a>(
        &'a self,
        fingerprint: &'a PasswordFingerprint,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async { self.look_up(fingerprint).await.map_err(Error::unavailable) })
    }
}

impl std::fmt::Debug for HaveIBeenPwned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HaveIBeenPwned")
            .field("base", &self.base.as_str())
            .field("max_bytes", &self.max_bytes)
            .finish_non_exhaustive()
    }
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HaveIBeenPwnedError {
    /// The address is not one of a server with `http` or `https`, without a query.
    #[error("the address is not the `http` or `https` one of a server")]
    Url,
    /// The client could not be made, or has no encryption.
    #[error("the client for breached passwords could not be made")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Why a password was not looked up. It says nothing of the password, not even what was sent of it.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("the server of breached passwords did not answer")]
    Request(#[source] reqwest::Error),
    #[error("the server of breached passwords answered with {0}")]
    Status(StatusCode),
    #[error("the server of breached passwords answered with more than {0} bytes")]
    TooLong(usize),
    #[error(
        "the server of breached passwords answered with something else than a range, in line {0}"
    )]
    Line(usize),
}

impl Failure {
    fn request(error: reqwest::Error) -> Self {
        Self::Request(error.without_url())
    }
}
