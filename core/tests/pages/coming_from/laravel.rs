//! A model's hooks as listeners of the process that creates it.

use std::sync::{Arc, Mutex};

use dullahan_core::{
    Before, Committed, Context, Core, CoreBuilder, DefaultAction, Inject, Process, Result,
};

use crate::memory_store::MemoryStore;

#[derive(Clone)]
struct User {
    email: String,
    name: String,
}

#[derive(Process)]
#[event(output = User)]
struct CreateUserProcess {
    email: String,
    name: Option<String>,
}

trait Mailer: Send + Sync {
    fn welcome(&self, email: &str);
}

fn fill_name(mut ev: Before<'_, CreateUserProcess>) -> Result<()> {
    if ev.name.is_none() {
        ev.name = ev.email.split('@').next().map(str::to_owned);
    }
    Ok(())
}

fn welcome(ev: Committed<'_, CreateUserProcess>, mailer: Inject<'_, dyn Mailer>) -> Result<()> {
    mailer.welcome(&ev.output().email);
    Ok(())
}

fn extensions(core: &mut CoreBuilder) {
    core.event::<CreateUserProcess>().before(fill_name).committed(welcome);
}

fn create(ev: DefaultAction<'_, CreateUserProcess>) -> Result<User> {
    Ok(User { email: ev.email.clone(), name: ev.name.clone().unwrap_or_default() })
}

#[derive(Default)]
struct Sent(Mutex<Vec<String>>);

impl Mailer for Sent {
    fn welcome(&self, email: &str) {
        self.0.lock().unwrap().push(email.to_owned());
    }
}

#[tokio::test]
async fn a_name_is_filled_in_and_a_mail_is_sent() -> Result<(), Box<dyn std::error::Error>> {
    let sent = Arc::new(Sent::default());
    let mut core = Core::builder();
    core.units_of_work(Arc::new(MemoryStore::default())).provide::<dyn Mailer>(sent.clone());
    core.declare::<CreateUserProcess>().default(create);
    core.module(extensions);
    let core = core.build()?;

    let ada = CreateUserProcess { email: "ada@x.test".to_owned(), name: None };
    assert_eq!(core.dispatch(&Context::new(), ada).await?.name, "ada");
    assert_eq!(*sent.0.lock().unwrap(), ["ada@x.test"]);
    Ok(())
}
