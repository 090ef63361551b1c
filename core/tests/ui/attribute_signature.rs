use dullahan_core::{listener, Before, Event, Inject, Result};

trait Mailer: Send + Sync {}

#[derive(Event)]
struct SignIn;

#[listener]
fn returns_nothing(_ev: Before<'_, SignIn>) {}

#[listener]
fn generic<M: Mailer>(_ev: Before<'_, SignIn>, _mailer: Inject<'_, M>) -> Result<()> {
    Ok(())
}

#[listener]
fn impl_trait(_ev: Before<'_, SignIn>, _mailer: impl Mailer) -> Result<()> {
    Ok(())
}

#[listener]
unsafe fn unsafely(_ev: Before<'_, SignIn>) -> Result<()> {
    Ok(())
}

#[listener]
extern "C" fn foreign(_ev: Before<'_, SignIn>) -> Result<()> {
    Ok(())
}

#[listener]
fn too_many(
    _ev: Before<'_, SignIn>,
    _1: Inject<'_, dyn Mailer>,
    _2: Inject<'_, dyn Mailer>,
    _3: Inject<'_, dyn Mailer>,
    _4: Inject<'_, dyn Mailer>,
    _5: Inject<'_, dyn Mailer>,
    _6: Inject<'_, dyn Mailer>,
    _7: Inject<'_, dyn Mailer>,
) -> Result<()> {
    Ok(())
}

fn main() {}
