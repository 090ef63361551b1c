//! Whether the time of a registration tells a free address from a taken one: a rank test over pairs of both.

use std::{
    error::Error,
    sync::Arc,
    time::{Duration, Instant},
};

use dullahan_core::{BoxFuture, Context, Core};
use dullahan_core_bridge_sqlx::PostgresStore;
use dullahan_user::{
    UserModule,
    application::UserManagerFacade,
    domain::{AddressLimits, Limits, PasswordHash, PlainPassword, RegistrationRequest, Settings},
    port::{HashingError, Mailer, PasswordHasher, UserPersistManager as _, Verification},
};

use crate::Nobody;

/// Registrations before the first one counts.
const WARM_UP: usize = 50;

/// Registers a free address and that of `user1@x.test`, who is there after `seed`, so many times each, in turn and in either
/// order. Prints the medians and by how many standard deviations the sum of the ranks (Mann and Whitney) is off.
#[expect(clippy::print_stdout, reason = "it is what the command is for")]
pub(crate) async fn compare(url: &str, pairs: usize) -> Result<(), Box<dyn Error>> {
    let limits = Limits { by_address: AddressLimits::NONE, ..Limits::default() };
    let settings = Settings { limits, ..Settings::default() };
    let store = PostgresStore::open(url).await?;
    dullahan_user_bridge_sqlx::migrate(&store).await?;
    let core = Core::builder()
        .module(UserModule::new(settings).with_password_hasher(Arc::new(AtOnce)))
        .module(dullahan_user_bridge_sqlx::module(store))
        .provide::<dyn Mailer>(Arc::new(Nobody))
        .build()?;
    let users = UserManagerFacade::new(core);
    let (mut free, mut taken) = (Vec::new(), Vec::new());
    for number in 0..WARM_UP + pairs {
        let address = format!("free{number}.{}@x.test", std::process::id());
        let (one, other) = if number % 2 == 0 {
            let one = register(&users, &address).await?;
            (one, register(&users, "user1@x.test").await?)
        } else {
            let other = register(&users, "user1@x.test").await?;
            (register(&users, &address).await?, other)
        };
        if number >= WARM_UP {
            free.push(one);
            taken.push(other);
        }
    }
    let deviations = rank_test(&free, &taken);
    println!(
        "free {:?}, taken {:?} in the median of {pairs}; ranks off by {deviations:.2} standard deviations",
        median(&mut free),
        median(&mut taken),
    );
    if deviations.abs() < 3.0 {
        Ok(())
    } else {
        Err("the time tells which addresses are taken".into())
    }
}

async fn register(users: &UserManagerFacade, email: &str) -> Result<Duration, Box<dyn Error>> {
    let request = RegistrationRequest {
        email: email.to_owned(),
        password: Some("gravel umbrella 73 tundra kite".parse()?),
        ..RegistrationRequest::default()
    };
    let context = Context::new();
    let start = Instant::now();
    users.register(&context, request).await?;
    Ok(start.elapsed())
}

/// By how many standard deviations the first ones rank above what chance would give.
fn rank_test(one: &[Duration], other: &[Duration]) -> f64 {
    let mut all: Vec<_> = one.iter().map(|time| (*time, true)).collect();
    all.extend(other.iter().map(|time| (*time, false)));
    all.sort_unstable();
    let ranks = all.iter().zip(1_u32..).filter(|((_, is_one), _)| *is_one);
    let sum: f64 = ranks.map(|(_, rank)| f64::from(rank)).sum();
    let (n, m) = (one.len() as f64, other.len() as f64);
    let expected = n * (n + m + 1.0) / 2.0;
    (sum - expected) / (n * m * (n + m + 1.0) / 12.0).sqrt()
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// A hasher that takes no time, so that what the store does is not lost in what hashing varies.
struct AtOnce;

impl PasswordHasher for AtOnce {
    fn hash<'a>(
        &'a self,
        _: &'a PlainPassword,
    ) -> BoxFuture<'a, Result<PasswordHash, HashingError>> {
        Box::pin(async {
            PasswordHash::from_phc("$none$x".to_owned())
                .map_err(|error| HashingError::Failed(error.into()))
        })
    }

    fn verify<'a>(
        &'a self,
        _: &'a PlainPassword,
        _: Option<&'a PasswordHash>,
    ) -> BoxFuture<'a, Result<Verification, HashingError>> {
        Box::pin(async { Ok(Verification::Mismatch) })
    }
}
