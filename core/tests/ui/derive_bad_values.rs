use dullahan_core::Event;

#[derive(Event)]
#[event(output)]
struct NoType;

#[derive(Event)]
#[event(output = , preventable)]
struct NoTypeEither;

#[derive(Event)]
#[event(output = "u32")]
struct Quoted;

#[derive(Event)]
#[event(output = 32)]
struct Number;

#[derive(Event)]
#[event(preventable = false)]
struct FlagWithValue;

#[derive(Event)]
#[event(name = "")]
struct EmptyName;

#[derive(Event)]
#[event(name = SignIn)]
struct UnquotedName;

#[derive(Event)]
#[event(crate = "not a path")]
struct BadPath;

#[derive(Event)]
#[event(output = u32 preventable)]
struct NoComma;

#[derive(Event)]
#[event]
struct NoParentheses;

fn main() {}
