use dullahan_core::{Before, Core, Event};

#[derive(Event)]
struct SignIn {
    name: String,
}

fn main() {
    let banned = String::from("root");
    Core::builder().event::<SignIn>().before(async move |ev: Before<'_, SignIn>| {
        if ev.name == banned {
            return Err(dullahan_core::Error::new(dullahan_core::ErrorKind::Forbidden));
        }
        Ok(())
    });
}
