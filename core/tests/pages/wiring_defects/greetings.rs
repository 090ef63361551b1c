use dullahan_core::{
    Before, CoreBuilder, DefaultAction, Error, ErrorKind, Event, Inject, Process, Result,
};

/// Somebody is greeted.
#[derive(Event)]
#[event(output = String, preventable)]
pub struct Greet {
    pub name: String,
}

/// A guest is entered into the book.
#[derive(Process)]
pub struct EnterGuestProcess;

pub trait Captcha: Send + Sync {
    fn is_solved(&self) -> bool;
}

pub struct AlwaysSolved;

impl Captcha for AlwaysSolved {
    fn is_solved(&self) -> bool {
        true
    }
}

pub fn greetings(core: &mut CoreBuilder) {
    core.declare::<Greet>().default(hello);
}

pub fn hello(ev: DefaultAction<'_, Greet>) -> Result<String> {
    Ok(format!("Hello, {}!", ev.name))
}

pub fn hi(ev: DefaultAction<'_, Greet>) -> Result<String> {
    Ok(format!("Hi, {}!", ev.name))
}

pub fn trim(mut ev: Before<'_, Greet>) -> Result<()> {
    ev.name = ev.name.trim().to_owned();
    Ok(())
}

pub fn shout(mut ev: Before<'_, Greet>) -> Result<()> {
    ev.name = ev.name.to_uppercase();
    Ok(())
}

pub fn ask_captcha(_: Before<'_, Greet>, captcha: Inject<'_, dyn Captcha>) -> Result<()> {
    if captcha.is_solved() { Ok(()) } else { Err(Error::new(ErrorKind::Forbidden)) }
}
