//! What the derives write: `Event`, with its kind.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{DeriveInput, Generics, Ident, LitStr, parse_quote};

use crate::{
    attr::{EventOptions, Repeatable},
    errors::Errors,
    validate::check_event,
};

/// The kinds of event, one for each derive.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Event,
    Process,
    Saga,
}

/// Implements `Event` for a struct, or says everything that is wrong with it.
pub(crate) fn expand_event(input: TokenStream, kind: Kind) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = Errors::default();
    let options = EventOptions::of(&input.attrs, &mut errors);
    check_event(&input, &mut errors);
    check_repeatable(&options, kind, &mut errors);
    let errors = errors.into_tokens();
    if input.generics.lifetimes().next().is_some() {
        return errors;
    }
    // Written even if something is wrong, so that no place that uses the event complains as well.
    let implementations = implementations(&input, options, kind);
    quote!(#errors #implementations)
}

/// Notes that something is to be run again which is no unit of work.
fn check_repeatable(options: &EventOptions, kind: Kind, errors: &mut Errors) {
    if let (Some(Repeatable { at, .. }), Kind::Event | Kind::Saga) = (&options.repeatable, kind) {
        errors.push(syn::Error::new(
            *at,
            "only a process is `repeatable`: what is run again has to be a unit of work that was rolled back",
        ));
    }
}

fn implementations(input: &DeriveInput, options: EventOptions, kind: Kind) -> TokenStream {
    let krate = options.krate();
    let EventOptions { output, preventable, skippable, gathers, repeatable, name, views, .. } =
        options;
    let preventable = preventable || skippable;
    let ty = &input.ident;
    let mut generics = bounded(input.generics.clone());
    if repeatable.is_some() && !generics.params.is_empty() {
        let clone = parse_quote!(Self: ::core::clone::Clone);
        generics.make_where_clause().predicates.push(clone);
    }
    let (impl_generics, parameters, conditions) = generics.split_for_impl();
    let output = output.unwrap_or_else(|| parse_quote!(()));
    let name = name.unwrap_or_else(|| {
        let text = ty.to_string();
        LitStr::new(text.trim_start_matches("r#"), Span::call_site())
    });
    let kind_name = match kind {
        Kind::Event => quote!(EventKind),
        Kind::Process => quote!(ProcessKind),
        Kind::Saga => quote!(SagaKind),
    };
    let prevention = if preventable { quote!(CanPrevent) } else { quote!(CannotPrevent) };
    let repeat =
        repeatable.filter(|_| matches!(kind, Kind::Process)).map(|Repeatable { at, settings }| {
            let copy = quote_spanned!(at=> <#ty #parameters as ::core::clone::Clone>::clone);
            let settings = settings.iter().map(|(method, number)| {
                let name = Ident::new(method, number.span());
                match *method {
                    "attempts" => quote!(.#name(#number)),
                    _ => quote!(.#name(::core::time::Duration::from_millis(#number))),
                }
            });
            quote! {
                const REPEAT: ::core::option::Option<#krate::event::Repeat<Self>> =
                    ::core::option::Option::Some(#krate::event::Repeat::by(#copy)#(#settings)*);
            }
        });
    let skip = skippable.then(|| {
        quote! {
            const SKIP: ::core::option::Option<fn() -> <Self as #krate::Event>::Output> =
                ::core::option::Option::Some(<#output as ::core::default::Default>::default);
        }
    });
    let views = (!views.is_empty()).then(|| {
        quote! {
            fn offer_views(views: &mut #krate::event::Views<Self>) {
                #(views.offer::<#views>(|event| event, |event| event);)*
            }
        }
    });
    quote! {
        impl #impl_generics #krate::Event for #ty #parameters #conditions {
            type Output = #output;
            type Kind = #krate::event::#kind_name<#krate::event::#prevention>;
            const NAME: &'static ::core::primitive::str = #name;
            const GATHERS: ::core::primitive::bool = #gathers;
            #repeat
            #skip
            #views
        }
    }
}

/// The parameters of an event, each of a type that an event can have: one that any thread may have, for as long as it
/// likes.
fn bounded(mut generics: Generics) -> Generics {
    for parameter in generics.type_params_mut() {
        parameter.bounds.push(parse_quote!(::core::marker::Send));
        parameter.bounds.push(parse_quote!(::core::marker::Sync));
        parameter.bounds.push(parse_quote!('static));
    }
    generics
}
