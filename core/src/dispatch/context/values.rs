//! Typed values in a context: those of a whole saga, and those of one dispatch.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::Arc,
};

use parking_lot::Mutex;

/// Shared, so that it is copied and dropped after the lock is released: both are code of the application.
type Value = Arc<dyn Any + Send + Sync>;

/// Values of which there is one for each type.
#[derive(Default)]
pub(super) struct Values {
    by_type: Mutex<HashMap<TypeId, Value>>,
}

impl Values {
    pub(super) fn insert<T: Clone + Send + Sync + 'static>(&self, value: T) -> Option<T> {
        let before = self.by_type.lock().insert(TypeId::of::<T>(), Arc::new(value));
        owned(before?)
    }

    pub(super) fn get<T: Clone + Send + Sync + 'static>(&self) -> Option<T> {
        let value = self.by_type.lock().get(&TypeId::of::<T>()).cloned();
        copied(&value?)
    }

    pub(super) fn remove<T: Clone + Send + Sync + 'static>(&self) -> Option<T> {
        let value = self.by_type.lock().remove(&TypeId::of::<T>());
        owned(value?)
    }
}

/// A value of one dispatch and of what is below it, linked to the one around it.
pub(crate) struct ScopedValue {
    type_id: TypeId,
    /// `None` once it was removed: a value around it shows through no more.
    value: Mutex<Option<Value>>,
    outer: Option<Arc<ScopedValue>>,
}

impl ScopedValue {
    pub(super) fn new<T: Send + Sync + 'static>(value: T, outer: Option<Arc<ScopedValue>>) -> Self {
        let type_id = TypeId::of::<T>();
        Self { type_id, value: Mutex::new(Some(Arc::new(value))), outer }
    }

    /// The innermost one of this type.
    pub(super) fn find<T: 'static>(&self) -> Option<&Self> {
        let mut scoped = Some(self);
        while let Some(current) = scoped {
            if current.type_id == TypeId::of::<T>() {
                return Some(current);
            }
            scoped = current.outer.as_deref();
        }
        None
    }

    pub(super) fn insert<T: Clone + Send + Sync + 'static>(&self, value: T) -> Option<T> {
        let before = self.value.lock().replace(Arc::new(value));
        owned(before?)
    }

    pub(super) fn get<T: Clone + 'static>(&self) -> Option<T> {
        let value = self.value.lock().clone();
        copied(&value?)
    }

    pub(super) fn remove<T: Clone + Send + Sync + 'static>(&self) -> Option<T> {
        let value = self.value.lock().take();
        owned(value?)
    }
}

fn copied<T: Clone + 'static>(value: &Value) -> Option<T> {
    value.downcast_ref::<T>().cloned()
}

fn owned<T: Clone + Send + Sync + 'static>(value: Value) -> Option<T> {
    value.downcast::<T>().ok().map(Arc::unwrap_or_clone)
}
