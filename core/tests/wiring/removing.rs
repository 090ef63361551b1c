//! Listeners of a module that an application takes away or puts others in the place of, by name.

use dullahan_core::{
    After, Before, Context, Core, CoreBuilder, DefaultAction, Event, Listener,
    ListenerOptions as _, Result, defect::Defect, phase::PhaseName,
};

use crate::support::Log;

#[derive(Event)]
#[event(output = u32, preventable)]
struct CountUsers;

fn forty_two(_: DefaultAction<'_, CountUsers>) -> Result<u32> {
    Ok(42)
}

fn owe_mail(mut ev: After<'_, CountUsers>) -> Result<()> {
    *ev.output_mut() += 100;
    Ok(())
}

fn double(mut ev: After<'_, CountUsers>) -> Result<()> {
    *ev.output_mut() *= 2;
    Ok(())
}

/// Listens in two phases under one name.
struct Everywhere(Log);

impl Listener<Before<'_, CountUsers>> for Everywhere {
    async fn call(&self, _: Before<'_, CountUsers>) -> Result<()> {
        self.0.add("everywhere, before");
        Ok(())
    }
}

impl Listener<After<'_, CountUsers>> for Everywhere {
    async fn call(&self, _: After<'_, CountUsers>) -> Result<()> {
        self.0.add("everywhere, after");
        Ok(())
    }
}

fn module(core: &mut CoreBuilder) {
    core.declare::<CountUsers>()
        .default(forty_two)
        .after(double.priority(2))
        .after(owe_mail.priority(1).named("owe_activation_mail"));
}

async fn counted(core: &Core) -> u32 {
    core.dispatch(&Context::new(), CountUsers).await.unwrap()
}

#[tokio::test]
async fn a_listener_of_a_module_is_taken_away_by_its_name() {
    let mut core = Core::builder();
    core.module(module);
    assert_eq!(counted(&core.build().unwrap()).await, 184);
    core.event::<CountUsers>().remove("owe_activation_mail");
    let core = core.build().unwrap();
    assert_eq!(counted(&core).await, 84);

    let description = core.describe();
    let event = &description.events[0];
    assert!(event.listeners.iter().all(|one| one.name != "owe_activation_mail"));
    let [removed] = event.removed.as_slice() else { panic!("one was taken away") };
    assert_eq!((removed.name.as_str(), removed.phase), ("owe_activation_mail", PhaseName::After));
    assert_eq!(removed.module, "application");
    assert!(removed.place.file.ends_with("removing.rs"));
    for text in [description.to_string(), description.to_markdown(), description.to_mermaid()] {
        assert!(text.contains("owe_activation_mail"), "{text}");
        assert!(text.contains("taken away"), "{text}");
    }
}

#[tokio::test]
async fn a_listener_is_found_by_the_last_parts_of_its_path() {
    let mut core = Core::builder();
    core.event::<CountUsers>().remove("removing::double");
    core.module(module);
    assert_eq!(counted(&core.build().unwrap()).await, 142, "whatever came first");
}

#[tokio::test]
async fn one_name_in_several_phases_is_taken_away_from_all() {
    let log = Log::new();
    let mut core = Core::builder();
    core.module(module);
    core.event::<CountUsers>().before(Everywhere(log.clone())).after(Everywhere(log.clone()));
    counted(&core.build().unwrap()).await;
    assert_eq!(log.take(), ["everywhere, before", "everywhere, after"]);
    core.event::<CountUsers>().remove("Everywhere");
    counted(&core.build().unwrap()).await;
    assert!(log.take().is_empty());
}

#[test]
fn a_name_that_is_not_there_is_a_defect_with_near_names() {
    let mut core = Core::builder();
    core.module(module);
    core.event::<CountUsers>().remove("owe_activation_mial");
    core.event::<CountUsers>().remove("forty_two");
    let error = core.build().unwrap_err();
    let [
        Defect::NoListenerToRemove { wanted, known, .. },
        Defect::NoListenerToRemove { wanted: default, .. },
    ] = error.defects()
    else {
        panic!("{error}")
    };
    assert_eq!((wanted.as_str(), default.as_str()), ("owe_activation_mial", "forty_two"));
    assert_eq!(known.len(), 2, "the default action is not among them: {known:?}");
    assert!(error.to_string().contains("near it are: owe_activation_mail"), "{error}");
}

#[tokio::test]
async fn a_listener_stands_in_the_place_of_another() {
    fn owe_other_mail(mut ev: After<'_, CountUsers>) -> Result<()> {
        *ev.output_mut() += 1000;
        Ok(())
    }

    fn last(mut ev: After<'_, CountUsers>) -> Result<()> {
        *ev.output_mut() += 5;
        Ok(())
    }

    let mut core = Core::builder();
    core.module(module);
    core.event::<CountUsers>()
        .after(owe_other_mail.priority(-100).in_place_of("double"))
        .after(last.before_listener("double"));
    let core = core.build().unwrap();
    assert_eq!(counted(&core).await, 42 + 5 + 1000 + 100, "in its place, and found by its name");
    let event = core.describe().events.remove(0);
    let replacing = event.listeners.iter().find(|one| one.overrides.is_some()).unwrap();
    assert!(replacing.name.ends_with("owe_other_mail"));
    assert!(replacing.overrides.as_deref().unwrap().ends_with("double"));
}

#[test]
fn nothing_can_stand_in_the_place_of_what_is_not_there_or_of_another_phase() {
    let mut core = Core::builder();
    core.module(module);
    core.event::<CountUsers>()
        .before((|_: Before<'_, CountUsers>| Ok(())).in_place_of("owe_activation_mail"));
    let error = core.build().unwrap_err();
    assert!(matches!(error.defects(), [Defect::NoListenerToRemove { .. }]), "{error}");
}

#[tokio::test]
async fn an_overlay_takes_away_what_its_base_has() {
    let mut core = Core::builder();
    core.module(module);
    let base = core.build().unwrap();
    let overlay = base
        .overlay(|core| {
            core.event::<CountUsers>().remove("owe_activation_mail");
        })
        .unwrap();
    assert_eq!((counted(&base).await, counted(&overlay).await), (184, 84));
    let again = overlay.overlay(|_| {}).unwrap();
    assert_eq!(counted(&again).await, 84);
    assert_eq!(again.describe().events[0].removed.len(), 1);
}
