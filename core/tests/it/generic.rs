//! Events with type parameters: each instance is an event of its own.

use std::{marker::PhantomData, sync::Arc};

use dullahan_core::{
    After, Before, Context, Core, CoreBuilder, DefaultAction, Event, Inject, Listener, Process,
    Result, defect::Defect,
};

trait Entity: Default + Send + Sync + 'static {
    const TITLE: &'static str;
}

#[derive(Default)]
struct Book;

impl Entity for Book {
    const TITLE: &'static str = "a book";
}

#[derive(Default)]
struct Author;

impl Entity for Author {
    const TITLE: &'static str = "an author";
}

trait Repository<T>: Send + Sync {
    fn title(&self) -> String;
}

/// Keeps entities of any type.
struct InMemory<T>(PhantomData<T>);

impl<T: Entity> Repository<T> for InMemory<T> {
    fn title(&self) -> String {
        T::TITLE.to_owned()
    }
}

#[derive(Event)]
#[event(output = Arc<dyn Repository<T>>, preventable)]
struct GetRepository<T: Entity> {
    of: PhantomData<T>,
}

impl<T: Entity> GetRepository<T> {
    fn new() -> Self {
        Self { of: PhantomData }
    }
}

#[derive(Event)]
#[event(output = [u8; N])]
struct Zeros<T, const N: usize>
where
    T: Default,
{
    of: PhantomData<T>,
}

#[derive(Process, Clone)]
#[event(repeatable)]
struct Store<T> {
    _entity: T,
}

/// One functor for all entities.
struct GiveRepository;

impl<T: Entity> Listener<DefaultAction<'_, GetRepository<T>>> for GiveRepository {
    async fn call(&self, _: DefaultAction<'_, GetRepository<T>>) -> Result<Arc<dyn Repository<T>>> {
        Ok(Arc::new(InMemory::<T>(PhantomData)))
    }
}

/// Declares what there is for one entity.
fn entity<T: Entity>(core: &mut CoreBuilder) {
    core.declare::<GetRepository<T>>().default(GiveRepository);
}

#[tokio::test]
async fn each_instance_is_an_event_of_its_own() {
    let core = Core::builder().module(entity::<Book>).module(entity::<Author>).build().unwrap();
    let context = Context::new();
    let books = core.dispatch(&context, GetRepository::<Book>::new()).await.unwrap();
    assert_eq!(books.title(), "a book");
    let authors = core.dispatch(&context, GetRepository::<Author>::new()).await.unwrap();
    assert_eq!(authors.title(), "an author");
    let names: Vec<_> = core.describe().events.iter().map(|event| event.name).collect();
    assert_eq!(names, ["GetRepository<Book>", "GetRepository<Author>"]);
    assert_eq!(GetRepository::<Book>::NAME, "GetRepository");
}

#[tokio::test]
async fn a_listener_of_one_instance_hears_of_no_other() {
    struct Fake;

    impl Repository<Book> for Fake {
        fn title(&self) -> String {
            "a fake".to_owned()
        }
    }

    let mut core = Core::builder();
    core.module(entity::<Book>).module(entity::<Author>);
    core.event::<GetRepository<Book>>().before(|mut ev: Before<'_, GetRepository<Book>>| {
        ev.respond(Arc::new(Fake));
        Ok(())
    });
    let core = core.build().unwrap();
    let context = Context::new();
    let books = core.dispatch(&context, GetRepository::<Book>::new()).await.unwrap();
    let authors = core.dispatch(&context, GetRepository::<Author>::new()).await.unwrap();
    assert_eq!((books.title(), authors.title()), ("a fake".to_owned(), "an author".to_owned()));
}

#[tokio::test]
async fn a_generic_function_listens_to_each_instance_it_is_registered_to() {
    fn count<T: Entity>(
        ev: After<'_, GetRepository<T>>,
        seen: Inject<'_, parking_lot::Mutex<Vec<&'static str>>>,
    ) -> Result<()> {
        seen.lock().push(ev.chain()[0]);
        Ok(())
    }

    let seen: Arc<parking_lot::Mutex<Vec<&'static str>>> = Arc::default();
    let mut core = Core::builder();
    core.module(entity::<Book>).module(entity::<Author>).provide(Arc::clone(&seen));
    core.event::<GetRepository<Book>>().after(count::<Book>);
    core.event::<GetRepository<Author>>().after(count::<Author>);
    let core = core.build().unwrap();
    let trace = Context::new().with_trace();
    core.dispatch(&trace, GetRepository::<Author>::new()).await.unwrap();
    core.dispatch(&trace, GetRepository::<Book>::new()).await.unwrap();
    assert_eq!(*seen.lock(), ["GetRepository<Author>", "GetRepository<Book>"]);
    let traced = trace.trace().unwrap().dispatches;
    assert_eq!(traced[0].event, "GetRepository<Author>");
}

#[test]
fn an_instance_that_nobody_declares_is_a_defect_that_names_it() {
    let mut core = Core::builder();
    core.module(entity::<Book>);
    core.event::<GetRepository<Author>>().before(|_: Before<'_, GetRepository<Author>>| Ok(()));
    let error = core.build().unwrap_err();
    assert!(
        matches!(error.defects(), [Defect::UndeclaredEvent { event: "GetRepository<Author>", .. }]),
        "{error}"
    );
}

#[tokio::test]
async fn an_instance_that_is_dispatched_undeclared_is_named() {
    let core = Core::builder().module(entity::<Book>).build().unwrap();
    let dispatched = core.dispatch(&Context::new(), GetRepository::<Author>::new()).await;
    let error = dispatched.err().unwrap().to_string();
    assert!(error.contains("`GetRepository<Author>`"), "{error}");
}

#[test]
fn names_tell_the_parameters_without_their_paths() {
    assert_eq!(Zeros::<Vec<String>, 3>::name(), "Zeros<Vec<String>, 3>");
    assert_eq!(Store::<Option<String>>::name(), "Store<Option<String>>");
    assert!(Store::<u8>::REPEAT.is_some());
}
