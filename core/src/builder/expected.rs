//! What is missing from a wiring, grouped by the line that would provide it.

use std::{any::TypeId, collections::HashMap};

use super::CoreBuilder;
use crate::{
    defect::{AskedBy, Defect, ProvidedBy},
    dispatch::unit_of_work::UnitOfWorkProvider,
    place::Place,
    service::Port,
};

/// Where services come from, by their ports.
pub(crate) type Expected = HashMap<TypeId, ProvidedBy>;

/// What was found to be wrong so far, and what is missing.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) defects: Vec<Defect>,
    /// The ports without a service, each with one of the listeners that ask for it.
    pub(super) missing: Vec<(Port, AskedBy)>,
    /// The listeners to every event whose missing services are noted.
    pub(super) noted: Vec<usize>,
    /// A process without a unit of work, and where it is declared.
    pub(super) no_unit_of_work: Option<(&'static str, Place)>,
}

impl CoreBuilder {
    /// Says which line provides the service of a port, so that an application that forgot it reads that line.
    ///
    /// For a module whose ports have their adapters in other crates. All ports that one line provides are one
    /// defect, [`MissingService`](Defect::MissingService), however many listeners ask for them. A line that brings
    /// the units of work as well is also said for `dyn UnitOfWorkProvider`.
    ///
    /// ```
    /// use dullahan_core::{defect::ProvidedBy, CoreBuilder};
    ///
    /// # trait NoteRepository: Send + Sync {}
    /// fn notes(core: &mut CoreBuilder) {
    ///     const STORES: ProvidedBy = ProvidedBy::new("notes-sqlx", ".module(notes_sqlx::module(store))");
    ///     core.expects::<dyn NoteRepository>(STORES);
    ///     // the events, and their default actions that ask for a `dyn NoteRepository`
    /// }
    /// ```
    pub fn expects<T: ?Sized + 'static>(&mut self, provided_by: ProvidedBy) -> &mut Self {
        self.expected.insert(TypeId::of::<T>(), provided_by);
        self
    }
}

impl Findings {
    /// All defects, what is missing last.
    pub(super) fn into_defects(self, expected: &Expected) -> Vec<Defect> {
        let Self { mut defects, missing, no_unit_of_work, .. } = self;
        let mut groups: Vec<Group> = Vec::new();
        for (port, asked_by) in missing {
            let provided_by = expected.get(&port.id()).copied();
            let is_same = |group: &&mut Group| match provided_by {
                Some(_) => group.provided_by == provided_by,
                None => group.provided_by.is_none() && group.ports == [port.name()],
            };
            match groups.iter_mut().find(is_same) {
                Some(group) => group.add(port, asked_by),
                None => groups.push(Group {
                    ports: vec![port.name()],
                    asked_by: vec![asked_by],
                    provided_by,
                }),
            }
        }
        if let Some((process, place)) = no_unit_of_work {
            let port = Port::of::<dyn UnitOfWorkProvider>();
            let provided_by = expected.get(&port.id()).copied();
            let is_same = |group: &&mut Group| group.provided_by == provided_by;
            match groups.iter_mut().find(is_same).filter(|_| provided_by.is_some()) {
                Some(group) => group.ports.push(port.name()),
                None => defects.push(Defect::NoUnitOfWork { process, place, provided_by }),
            }
        }
        defects.extend(groups.into_iter().map(|Group { ports, asked_by, provided_by }| {
            Defect::MissingService { ports, asked_by, provided_by }
        }));
        defects
    }
}

/// What one line would provide.
struct Group {
    ports: Vec<&'static str>,
    asked_by: Vec<AskedBy>,
    provided_by: Option<ProvidedBy>,
}

impl Group {
    fn add(&mut self, port: Port, asked_by: AskedBy) {
        if !self.ports.contains(&port.name()) {
            self.ports.push(port.name());
        }
        // The ports of one listener come one after the other.
        if self.asked_by.last() != Some(&asked_by) {
            self.asked_by.push(asked_by);
        }
    }
}
