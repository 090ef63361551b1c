use dullahan_core::Event;

#[derive(Event)]
struct SignIn<'a, T> {
    name: &'a T,
}

trait Entity {}

/// Its parameter may be of a type that one thread alone has.
struct Local(std::rc::Rc<u8>);

impl Entity for Local {}

#[derive(Event)]
struct Created<T: Entity> {
    entity: std::marker::PhantomData<T>,
}

fn declare(core: &mut dullahan_core::CoreBuilder) {
    core.declare::<Created<Local>>();
}

fn main() {}
