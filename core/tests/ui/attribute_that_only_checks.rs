use dullahan_core::{Before, DefaultAction, Event, Extract, Inject, Result, listener};

#[derive(Event)]
#[event(output = u32, preventable)]
struct SignIn;

trait Mailer: Send + Sync {}

#[listener(check)]
fn default(_: DefaultAction<'_, SignIn>, _: Inject<'_, dyn Mailer>) -> Result<u32> {
    Ok(1)
}

#[listener(check)]
fn of_another_type(_: DefaultAction<'_, SignIn>) -> Result<String> {
    Ok(String::new())
}

#[listener(check)]
fn extracts_what_cannot_be(_: Before<'_, SignIn>, _: u32) -> Result<()> {
    Ok(())
}

struct Tenant;

impl Extract for Tenant {
    fn extract(_: &dullahan_core::Context) -> Result<Self> {
        Ok(Self)
    }
}

#[listener(check, priority = 10)]
async fn with_other_options(_: Before<'_, SignIn>, _: Tenant) -> Result<()> {
    Ok(())
}

fn main() {}
