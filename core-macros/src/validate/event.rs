//! What can be an event: a struct without parameters.

use syn::{Data, DeriveInput, Fields, GenericParam};

use crate::errors::Errors;

/// Notes what keeps the item from being an event.
pub(crate) fn check_event(input: &DeriveInput, errors: &mut Errors) {
    match &input.data {
        Data::Struct(data) => check_fields(&data.fields, errors),
        Data::Enum(data) => {
            errors.at(
                data.enum_token,
                "an event is a struct: listeners listen to one type, so make each variant an event of its own, or \
                 put the enum into a field",
            );
            data.variants.iter().for_each(|variant| check_fields(&variant.fields, errors));
        }
        Data::Union(data) => {
            errors.at(data.union_token, "an event is a struct: put the union into a field");
        }
    }
    for param in &input.generics.params {
        match param {
            GenericParam::Lifetime(param) => errors.at(
                param,
                "an event owns its data: use `String` for `&str`, `Vec<T>` for `&[T]`, or share it with `Arc`",
            ),
            GenericParam::Type(param) => errors.at(
                &param.ident,
                "an event has no type parameters: every event type needs a slot of its own in the dispatcher, and \
                 all instances of a generic type would share one\n\
                 write one event for each type that is needed, or hold what varies as `Box<dyn Trait>`",
            ),
            GenericParam::Const(param) => errors.at(
                &param.ident,
                "an event has no const parameters: every event type needs a slot of its own in the dispatcher, and \
                 all instances of a generic type would share one\n\
                 make it a field, or write one event for each value that is needed",
            ),
        }
    }
}

fn check_fields(fields: &Fields, errors: &mut Errors) {
    for attr in fields.iter().flat_map(|field| &field.attrs) {
        if attr.path().is_ident("event") {
            errors.at(attr, "`#[event(..)]` belongs on the struct, not on a field");
        }
    }
}
