//! Accounts that nobody has touched.

use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use dullahan_core::Context;
use dullahan_user::{
    domain::RegistrationRequest, port::UserPersistManager, presentation::http::UserHttp,
};
use sqlx::SqlitePool;

use crate::PASSWORD;

/// Makes accounts that nobody has touched.
#[derive(Clone)]
pub(crate) struct Visitors {
    users: UserHttp,
    pool: SqlitePool,
    count: Arc<AtomicU64>,
}

impl Visitors {
    pub(crate) fn new(users: UserHttp, pool: SqlitePool) -> Self {
        Self { users, pool, count: Arc::default() }
    }

    /// Makes an account and gives its address.
    pub(crate) async fn next(&self) -> Result<String, Box<dyn Error>> {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let email = format!("visitor-{number}@x.test");
        self.sign_up(&email).await?;
        Ok(email)
    }

    /// Makes an account with this address, without a mail that would have to be read.
    pub(crate) async fn sign_up(&self, email: &str) -> Result<(), Box<dyn Error>> {
        let request = RegistrationRequest {
            email: email.to_owned(),
            password: Some(PASSWORD.parse()?),
            ..RegistrationRequest::default()
        };
        let registered = self.users.users().register(&Context::new(), request).await;
        registered.map_err(|error| error.to_string())?;
        let activate = "UPDATE dullahan_users SET status = 'active', activated_at = created_at WHERE email = $1";
        sqlx::query(activate).bind(email).execute(&self.pool).await?;
        Ok(())
    }
}
