//! Makes a type of a JSON document, and goes on past what is wrong, to find all of it.

use std::{cell::RefCell, collections::VecDeque};

use dullahan_core::Violation;
use serde::{
    Deserializer,
    de::{
        DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor,
        value::MapAccessDeserializer,
    },
};

use super::{
    findings::{Findings, Place, Unreadable},
    tree::Node,
};

/// Reads a value of the document.
///
/// A value of a wrong type is noted, and the type gets a stand-in that it accepts: an empty string, a zero, the first of
/// its variants. So what is read past a violation is of no use, but everything else that is wrong is found.
#[derive(Clone, Copy)]
pub(super) struct Reader<'r> {
    /// `None` for a required member that is missing.
    pub(super) node: Option<&'r Node<'r>>,
    pub(super) place: &'r Place<'r>,
    pub(super) findings: &'r RefCell<Findings>,
    /// Whether a violation of the object around says it all.
    pub(super) is_quiet: bool,
}

impl<'r> Reader<'r> {
    fn note(&self, code: &'static str, known: Option<&[&str]>) {
        if !self.is_quiet {
            let violation = Violation::new(self.place.pointer(), code);
            let violation = match known {
                Some(known) => violation.with("known", known.join(", ")),
                None => violation,
            };
            self.findings.borrow_mut().add(violation);
        }
    }

    /// Notes that the value is not of the type that is asked for. `null` for a single value counts as missing.
    fn note_misfit(&self, known: Option<&[&str]>) {
        let is_missing = matches!(self.node, None | Some(Node::Null));
        self.note(if is_missing { "required" } else { "wrong_type" }, known);
    }

    /// Notes why the type does not accept what it was given, unless that is noted already.
    fn noted<T>(&self, read: Result<T, Unreadable>) -> Result<T, Unreadable> {
        read.map_err(|error| {
            match error {
                Unreadable::Refused => self.note_misfit(None),
                Unreadable::Missing(name) => {
                    self.findings.borrow_mut().add_absent(self.place, name);
                }
                Unreadable::Noted => {}
            }
            Unreadable::Noted
        })
    }

    fn items(self, items: &'r [Node<'r>]) -> Items<'r> {
        Items { list: self, items: items.iter().enumerate() }
    }

    /// The members of an object that are read, and stand-ins for those that are missing.
    fn members(self, members: impl Iterator<Item = (&'r str, &'r Node<'r>)>) -> Members<'r> {
        let mut entries: VecDeque<_> = members.map(|(name, value)| (name, Some(value))).collect();
        let absent = self.findings.borrow().absent_in(self.place);
        entries.extend(absent.into_iter().map(|name| (name, None)));
        Members { object: self, entries, value: None }
    }
}

/// Gives the value to the visitor if it is of the right type, otherwise a stand-in.
macro_rules! scalars {
    ($($method:ident: $($Node:ident => $visit:ident)|+, or $stand_in:ident($value:expr);)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
            self.noted(match self.node {
                $(Some(Node::$Node(value)) => visitor.$visit(*value),)+
                _ => {
                    self.note_misfit(None);
                    visitor.$stand_in($value)
                }
            })
        })*
    };
}

macro_rules! integers {
    ($($method:ident)*) => {
        scalars! { $($method: Unsigned => visit_u64 | Signed => visit_i64, or visit_u64(0);)* }
    };
}

macro_rules! texts {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
            self.noted(match self.node {
                Some(Node::Text(text)) => visitor.visit_str(text.as_str()),
                _ => {
                    self.note_misfit(None);
                    visitor.visit_str("")
                }
            })
        })*
    };
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Unreadable;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.noted(match self.node {
            None | Some(Node::Null) => visitor.visit_unit(),
            Some(Node::Bool(value)) => visitor.visit_bool(*value),
            Some(Node::Unsigned(value)) => visitor.visit_u64(*value),
            Some(Node::Signed(value)) => visitor.visit_i64(*value),
            Some(Node::Float(value)) => visitor.visit_f64(*value),
            Some(Node::Text(text)) => visitor.visit_str(text.as_str()),
            Some(Node::List(items)) => visitor.visit_seq(self.items(items)),
            Some(Node::Object(_)) => return self.deserialize_map(visitor),
        })
    }

    scalars! {
        deserialize_bool: Bool => visit_bool, or visit_bool(false);
        deserialize_f32: Float => visit_f64 | Unsigned => visit_u64 | Signed => visit_i64, or visit_f64(0.0);
        deserialize_f64: Float => visit_f64 | Unsigned => visit_u64 | Signed => visit_i64, or visit_f64(0.0);
    }

    integers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
    }

    texts! {
        deserialize_char deserialize_str deserialize_string deserialize_bytes deserialize_byte_buf
        deserialize_identifier
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.node {
            None => {
                self.note_misfit(None);
                visitor.visit_none()
            }
            Some(Node::Null) => visitor.visit_none(),
            Some(_) => visitor.visit_some(self),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        if !matches!(self.node, Some(Node::Null)) {
            self.note_misfit(None);
        }
        self.noted(visitor.visit_unit())
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.noted(visitor.visit_newtype_struct(self))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.noted(match self.node {
            Some(Node::List(items)) => visitor.visit_seq(self.items(items)),
            _ => {
                self.note_misfit(None);
                visitor.visit_seq(self.items(&[]))
            }
        })
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.noted(match self.node {
            Some(Node::Object(members)) => visitor.visit_map(
                self.members(members.iter().map(|(name, value)| (name.as_str(), value))),
            ),
            // A map is empty by default, so that it is missing is not what is wrong with `null`.
            Some(_) => {
                self.note("wrong_type", None);
                visitor.visit_map(self.members(std::iter::empty()))
            }
            None => {
                self.note_misfit(None);
                visitor.visit_map(self.members(std::iter::empty()))
            }
        })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        let Some(Node::Object(members)) = self.node else {
            self.note_misfit(None);
            let quiet = Reader { node: None, is_quiet: true, ..self };
            return self.noted(visitor.visit_map(quiet.members(std::iter::empty())));
        };
        for name in members.keys().filter(|name| !names.contains(&name.as_str())) {
            let place = Place::Member(self.place, name.as_str());
            Reader { place: &place, ..self }.note("unknown_member", Some(names));
        }
        let known = names.iter().filter_map(|name| Some((*name, members.get(*name)?)));
        self.noted(visitor.visit_map(self.members(known)))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.noted(match self.node {
            Some(Node::Text(text)) if variants.contains(&text.as_str()) => {
                visitor.visit_enum(text.as_str().into_deserializer())
            }
            Some(Node::Object(members)) if !members.is_empty() => {
                let members = members.iter().map(|(name, value)| (name.as_str(), value));
                visitor.visit_enum(MapAccessDeserializer::new(self.members(members)))
            }
            other => {
                match other {
                    Some(Node::Text(_)) => self.note("unknown_value", Some(variants)),
                    _ => self.note_misfit(Some(variants)),
                }
                visitor
                    .visit_enum(variants.first().copied().unwrap_or_default().into_deserializer())
            }
        })
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_unit()
    }
}

/// The items of a list.
struct Items<'r> {
    list: Reader<'r>,
    items: std::iter::Enumerate<std::slice::Iter<'r, Node<'r>>>,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Unreadable;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Unreadable> {
        let Some((index, item)) = self.items.next() else { return Ok(None) };
        let place = Place::Item(self.list.place, index);
        seed.deserialize(Reader { node: Some(item), place: &place, ..self.list }).map(Some)
    }
}

/// The members of an object; one without a value is missing.
struct Members<'r> {
    object: Reader<'r>,
    entries: VecDeque<(&'r str, Option<&'r Node<'r>>)>,
    /// The one whose name was read last.
    value: Option<(&'r str, Option<&'r Node<'r>>)>,
}

impl<'de> MapAccess<'de> for Members<'_> {
    type Error = Unreadable;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Unreadable> {
        self.value = self.entries.pop_front();
        self.value.map(|(name, _)| seed.deserialize(name.into_deserializer())).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, Unreadable> {
        let (name, node) = self.value.take().ok_or(Unreadable::Refused)?;
        let place = Place::Member(self.object.place, name);
        seed.deserialize(Reader { node, place: &place, ..self.object })
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len())
    }
}
