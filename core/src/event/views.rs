//! As what an event can be seen by those who do not know its type.

use std::{
    any::{Any, TypeId},
    marker::PhantomData,
    sync::Arc,
};

use super::Event;

/// As what an event can be seen by those who do not know its type: traits that it implements, say.
///
/// ```
/// use dullahan_core::{event::Views, BeforeAny, Context, Core, DefaultAction, Event, Result};
///
/// /// What every event about an entity can say.
/// trait EntityEvent {
///     fn entity(&self) -> &'static str;
/// }
///
/// #[derive(Event)]
/// #[event(views(dyn EntityEvent))]
/// struct Load<T> {
///     of: std::marker::PhantomData<T>,
/// }
///
/// impl<T: Send + Sync + 'static> EntityEvent for Load<T> {
///     fn entity(&self) -> &'static str {
///         std::any::type_name::<T>()
///     }
/// }
///
/// fn log(ev: BeforeAny<'_>) -> Result<()> {
///     let seen = ev.view::<dyn EntityEvent>().map(EntityEvent::entity);
///     assert_eq!(seen, Some("u8"));
///     Ok(())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let mut core = Core::builder();
/// core.declare::<Load<u8>>().default(|_: DefaultAction<'_, Load<u8>>| Ok(()));
/// core.every_event().with_view::<dyn EntityEvent>().before(log);
/// let core = core.build()?;
/// core.dispatch(&Context::new(), Load::<u8> { of: std::marker::PhantomData }).await?;
/// # Ok(())
/// # }
/// ```
pub struct Views<E> {
    views: AnyViews,
    event: PhantomData<fn(E)>,
}

impl<E: Event> Views<E> {
    pub(crate) fn offered() -> AnyViews {
        let mut views = Self { views: AnyViews::default(), event: PhantomData };
        E::offer_views(&mut views);
        views.views
    }

    /// Offers a view: how to see the event as it, to look and to change.
    pub fn offer<V: ?Sized + 'static>(
        &mut self,
        look: fn(&E) -> &V,
        change: fn(&mut E) -> &mut V,
    ) -> &mut Self {
        let view: Box<dyn View<V>> = Box::new(ViewOf { look, change });
        self.views.list.push((TypeId::of::<V>(), Arc::new(view)));
        self
    }
}

impl<E> std::fmt::Debug for Views<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Views").field(&self.views.list.len()).finish()
    }
}

/// The views of an event, without its type: each a `Box<dyn View<V>>`, by the type of `V`.
#[derive(Clone, Default)]
pub(crate) struct AnyViews {
    list: Vec<(TypeId, Arc<dyn Any + Send + Sync>)>,
}

impl AnyViews {
    /// Whether there is this one.
    pub(crate) fn has(&self, view: TypeId) -> bool {
        self.list.iter().any(|(offered, _)| *offered == view)
    }

    pub(crate) fn view<'a, V: ?Sized + 'static>(
        &self,
        event: &'a (dyn Any + Send + Sync),
    ) -> Option<&'a V> {
        self.find::<V>()?.look(event)
    }

    pub(crate) fn view_mut<'a, V: ?Sized + 'static>(
        &self,
        event: &'a mut (dyn Any + Send + Sync),
    ) -> Option<&'a mut V> {
        self.find::<V>()?.change(event)
    }

    fn find<V: ?Sized + 'static>(&self) -> Option<&dyn View<V>> {
        let (_, view) = self.list.iter().find(|(offered, _)| *offered == TypeId::of::<V>())?;
        view.downcast_ref::<Box<dyn View<V>>>().map(|view| &**view)
    }
}

/// How an event is seen as a `V`.
trait View<V: ?Sized>: Send + Sync {
    fn look<'a>(&self, event: &'a (dyn Any + Send + Sync)) -> Option<&'a V>;
    fn change<'a>(&self, event: &'a mut (dyn Any + Send + Sync)) -> Option<&'a mut V>;
}

struct ViewOf<E, V: ?Sized> {
    look: fn(&E) -> &V,
    change: fn(&mut E) -> &mut V,
}

impl<E: Event, V: ?Sized> View<V> for ViewOf<E, V> {
    fn look<'a>(&self, event: &'a (dyn Any + Send + Sync)) -> Option<&'a V> {
        event.downcast_ref().map(self.look)
    }

    fn change<'a>(&self, event: &'a mut (dyn Any + Send + Sync)) -> Option<&'a mut V> {
        event.downcast_mut().map(self.change)
    }
}
