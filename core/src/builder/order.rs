//! The order of the listeners of one phase: by priority, by registration, and by name.

use super::registration::Registrant;
use crate::{defect::Defect, phase_name::PhaseName};

/// Puts the listeners of one phase into the order in which they run.
///
/// Higher priorities first, equal ones as they were registered; then what was ordered by name is moved as
/// little as that takes, and nothing else is. What cannot be ordered is a defect.
///
/// A listener is found by the name of one that it replaces, too. A name is looked up once, among the listeners that are there then: in an overlay those of its base stay ordered
/// as they were.
pub(super) fn order<'r>(
    event: &'static str,
    phase: PhaseName,
    mut registrants: Vec<&'r mut Registrant>,
    defects: &mut Vec<Defect>,
) -> Vec<&'r mut Registrant> {
    registrants.sort_by_key(|registrant| std::cmp::Reverse(registrant.settings.priority));
    let names: Vec<String> = registrants.iter().map(|registrant| registrant.name()).collect();
    let numbers: Vec<usize> = registrants.iter().map(|registrant| registrant.registered).collect();
    let replaced: Vec<String> = registrants
        .iter()
        .map(|registrant| registrant.settings.overrides.clone().unwrap_or_default())
        .collect();
    find_repeated(event, phase, &registrants, &names, defects);
    let mut earlier: Vec<Vec<usize>> = vec![Vec::new(); registrants.len()];
    let mut pulled = Vec::new();
    for (index, registrant) in registrants.iter_mut().enumerate() {
        let settings = &mut registrant.settings;
        for (wanted, is_before) in settings
            .before
            .iter_mut()
            .map(|wanted| (wanted, true))
            .chain(settings.after.iter_mut().map(|wanted| (wanted, false)))
        {
            let found = match wanted.found {
                Some(number) => match numbers.iter().position(|one| *one == number) {
                    Some(other) => Found::One(other),
                    None => continue,
                },
                None => match find(&names, &wanted.name) {
                    Found::None => find(&replaced, &wanted.name),
                    found => found,
                },
            };
            match found {
                Found::One(other) => {
                    wanted.found = Some(numbers[other]);
                    if is_before {
                        earlier[other].push(index);
                        pulled.push((index, other));
                    } else {
                        earlier[index].push(other);
                    }
                }
                found => defects.push(Defect::UnknownListener {
                    event,
                    phase,
                    listener: names[index].clone(),
                    wanted: wanted.name.clone(),
                    ambiguous: matches!(found, Found::Many),
                    known: names.clone(),
                    place: settings.place,
                }),
            }
        }
    }
    match sort(&earlier, &turns(&pulled, registrants.len())) {
        Ok(sorted) => {
            let mut registrants: Vec<_> = registrants.into_iter().map(Some).collect();
            sorted.into_iter().filter_map(|index| registrants[index].take()).collect()
        }
        Err(cycle) => {
            let place = registrants[cycle[0]].settings.place;
            let cycle = cycle.into_iter().map(|index| names[index].clone()).collect();
            defects.push(Defect::OrderingCycle { event, phase, cycle, place });
            registrants
        }
    }
}

fn find_repeated(
    event: &'static str,
    phase: PhaseName,
    registrants: &[&mut Registrant],
    names: &[String],
    defects: &mut Vec<Defect>,
) {
    if phase == PhaseName::Default {
        return;
    }
    for (index, name) in names.iter().enumerate() {
        let repeats = |other: &usize| {
            names[*other] == *name && registrants[index].repeats(registrants[*other])
        };
        if let Some(first) = (0..index).find(repeats) {
            let (one, other) =
                (registrants[first].settings.place, registrants[index].settings.place);
            defects.push(Defect::ListenerTwice {
                event,
                phase,
                listener: name.clone(),
                first: one.min(other),
                second: one.max(other),
            });
        }
    }
}

pub(super) enum Found {
    One(usize),
    None,
    Many,
}

/// Finds a listener by its name, or by the last parts of its path.
pub(super) fn find(names: &[String], wanted: &str) -> Found {
    let tail = format!("::{wanted}");
    match only(names, |name| name == wanted) {
        Found::None => only(names, |name| name.ends_with(&tail)),
        found => found,
    }
}

/// The one of which this holds.
fn only(names: &[String], is_wanted: impl Fn(&str) -> bool) -> Found {
    let mut wanted = (0..names.len()).filter(|index| is_wanted(&names[*index]));
    match (wanted.next(), wanted.next()) {
        (Some(index), None) => Found::One(index),
        (None, _) => Found::None,
        (Some(_), Some(_)) => Found::Many,
    }
}

/// The effective place of each: its own, or the earliest place among the listeners that it has to precede.
///
/// Else that one would wait for it, and whatever stands between the two would overtake.
fn turns(pulled: &[(usize, usize)], count: usize) -> Vec<usize> {
    let mut turns: Vec<usize> = (0..count).collect();
    let mut has_changed = true;
    while has_changed {
        has_changed = false;
        for &(index, other) in pulled {
            if turns[other] < turns[index] {
                turns[index] = turns[other];
                has_changed = true;
            }
        }
    }
    turns
}

/// The places in an order that respects `earlier`, each time the one whose effective place is first; or a cycle.
fn sort(earlier: &[Vec<usize>], turns: &[usize]) -> Result<Vec<usize>, Vec<usize>> {
    let mut sorted = Vec::with_capacity(earlier.len());
    let mut placed = vec![false; earlier.len()];
    if earlier.iter().all(Vec::is_empty) {
        return Ok((0..earlier.len()).collect());
    }
    while sorted.len() < earlier.len() {
        let ready = (0..earlier.len())
            .filter(|index| !placed[*index] && earlier[*index].iter().all(|other| placed[*other]))
            .min_by_key(|index| turns[*index]);
        match ready {
            Some(index) => {
                placed[index] = true;
                sorted.push(index);
            }
            None => return Err(cycle(earlier, &placed)),
        }
    }
    Ok(sorted)
}

/// A cycle among what could not be placed: everything there waits for something else there.
fn cycle(earlier: &[Vec<usize>], placed: &[bool]) -> Vec<usize> {
    let mut walked = Vec::new();
    let mut at = placed.iter().position(|placed| !placed).unwrap_or_default();
    loop {
        if let Some(start) = walked.iter().position(|seen| *seen == at) {
            let mut cycle = walked.split_off(start);
            cycle.reverse();
            return cycle;
        }
        walked.push(at);
        match earlier[at].iter().find(|other| !placed[**other]) {
            Some(other) => at = *other,
            None => return walked,
        }
    }
}
