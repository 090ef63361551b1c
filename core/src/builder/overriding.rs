//! Services that stand in the place of others on purpose.

use super::{CoreBuilder, expected::Findings};
use crate::{
    defect::Defect,
    describe::OverriddenService,
    place::Place,
    service::{Port, Services},
};

/// A service that is to stand in the place of another one.
#[derive(Clone)]
pub(super) struct Overriding {
    pub(super) port: Port,
    /// The service alone.
    pub(super) services: Services,
    pub(super) module: &'static str,
    pub(super) place: Place,
}

impl CoreBuilder {
    /// Puts each service into the place of the one that is provided, or notes why it cannot be put there.
    pub(super) fn override_services(&mut self, findings: &mut Findings) {
        let mut overridden: Vec<Overriding> = Vec::new();
        for one in std::mem::take(&mut self.overriding) {
            let (port, name) = (one.port, one.port.name());
            if let Some(other) = overridden.iter().find(|other| other.port == port) {
                let (first, second) = (other.place, one.place);
                findings.defects.push(Defect::ServiceTwice { port: name, first, second });
            } else if self.services.has(port) {
                self.services.extend(&one.services);
                self.overridden.retain(|other| other.port != name);
                let (module, place) = (one.module, one.place);
                self.overridden.push(OverriddenService { port: name, module, place });
                self.make_anew(port);
                overridden.push(one);
            } else {
                let place = one.place;
                findings.defects.push(Defect::NoServiceToOverride { port: name, place });
            }
        }
    }

    /// Lets the listeners that ask for this port be made once more.
    fn make_anew(&mut self, port: Port) {
        let registered = self.events.iter_mut().flat_map(|event| &mut event.registrants);
        let every = self.every.iter_mut().map(|every| &mut every.registrant);
        for one in registered.chain(every).filter(|one| one.ports.contains(&port)) {
            one.source.forget();
        }
    }
}
