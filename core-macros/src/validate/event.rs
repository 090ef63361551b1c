//! What can be an event: a struct that owns its data.

use syn::{Data, DeriveInput, Fields};

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
    for lifetime in input.generics.lifetimes() {
        errors.at(
            lifetime,
            "an event owns its data: use `String` for `&str`, `Vec<T>` for `&[T]`, or share it with `Arc`",
        );
    }
}

fn check_fields(fields: &Fields, errors: &mut Errors) {
    for attr in fields.iter().flat_map(|field| &field.attrs) {
        if attr.path().is_ident("event") {
            errors.at(attr, "`#[event(..)]` belongs on the struct, not on a field");
        }
    }
}
