//! Derives of `dullahan-core`. Sugar only: everything they write can be written by hand.
use proc_macro::TokenStream;
use quote::quote;

fn expand(input: TokenStream, kind: &str) -> TokenStream {
    let input: syn::DeriveInput = syn::parse(input).unwrap();
    let name = &input.ident;
    let text = name.to_string();
    let mut output: syn::Type = syn::parse_quote!(());
    let mut preventable = false;
    let mut gathers = false;
    for attr in &input.attrs {
        if attr.path().is_ident("event") {
            attr.parse_nested_meta(|m| {
                if m.path.is_ident("output") {
                    output = m.value()?.parse()?;
                }
                if m.path.is_ident("preventable") {
                    preventable = true;
                }
                if m.path.is_ident("gathers") {
                    gathers = true;
                }
                Ok(())
            })
            .unwrap();
        }
    }
    let kind_ident = quote::format_ident!("{kind}");
    let markers = match kind {
        "Saga" => quote!(impl ::dullahan_core::Saga for #name {}),
        "Process" => {
            quote!(impl ::dullahan_core::Step for #name {} impl ::dullahan_core::Process for #name {})
        }
        _ => quote!(impl ::dullahan_core::Step for #name {}),
    };
    let prev = preventable.then(|| quote!(impl ::dullahan_core::Preventable for #name {}));
    quote!(
        impl ::dullahan_core::Event for #name {
            type Output = #output;
            const NAME: &'static str = #text;
            const KIND: ::dullahan_core::Kind = ::dullahan_core::Kind::#kind_ident;
            const PREVENTABLE: bool = #preventable;
            const GATHERS: bool = #gathers;
            fn slot() -> &'static ::dullahan_core::Slot {
                static SLOT: ::dullahan_core::Slot = ::dullahan_core::Slot::new();
                &SLOT
            }
        }
        #markers
        #prev
    )
    .into()
}
/// event
#[proc_macro_derive(Event, attributes(event))]
pub fn event(input: TokenStream) -> TokenStream {
    expand(input, "Event")
}
/// process
#[proc_macro_derive(Process, attributes(event))]
pub fn process(input: TokenStream) -> TokenStream {
    expand(input, "Process")
}
/// saga
#[proc_macro_derive(Saga, attributes(event))]
pub fn saga(input: TokenStream) -> TokenStream {
    expand(input, "Saga")
}
