use dullahan_core::Event;

#[derive(Event)]
struct Created<T: Send> {
    entity: T,
}

#[derive(Event)]
struct Page<const SIZE: usize>;

#[derive(Event)]
struct SignIn<'a> {
    name: &'a str,
}

fn main() {}
