//! What `#[listener]` writes beside the function: an entry that the linker collects.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ItemFn;

use crate::{
    attr::ListenerOptions,
    errors::Errors,
    validate::{ListensTo, check_listener},
};

/// Leaves the function as it is and submits it, or says everything that is wrong with it.
pub(crate) fn expand_listener(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options = ListenerOptions::of(options, &mut errors);
    let entry = match syn::parse2::<ItemFn>(item.clone()) {
        Ok(function) => check_listener(&function, &options, &mut errors)
            .map(|listens_to| entry(&function, options, listens_to)),
        Err(_) => {
            errors.at(
                item.clone().into_iter().next(),
                "`#[listener]` belongs on a free function; register a functor with \
                 `core.event::<E>().before(0, MyFunctor::new)`",
            );
            None
        }
    };
    let errors = errors.into_tokens();
    // The entry of a function that cannot be a listener would only make rustc say so in its own words.
    let entry = entry.filter(|_| errors.is_empty());
    quote!(#item #errors #entry)
}

fn entry(function: &ItemFn, options: ListenerOptions, listens_to: ListensTo) -> TokenStream {
    let krate = options.krate();
    let ListensTo { method, has_priority, event } = listens_to;
    let ident = &function.sig.ident;
    let text = ident.to_string();
    let text = text.trim_start_matches("r#");
    // The entry has to be there exactly when the function is.
    let configured = function.attrs.iter().filter(|attr| attr.path().is_ident("cfg"));
    let priority = has_priority.then(|| match options.priority {
        Some((_, priority)) => quote!(#priority,),
        None => quote!(#krate::Priority::NORMAL,),
    });
    let named = options.name.iter();
    let before = options.before.iter();
    let after = options.after.iter();
    let optional = options.optional.then(|| quote!(.optional()));
    // With the span of the function, so that the place is the function's and not the attribute's.
    let file = quote_spanned!(ident.span()=> ::core::file!());
    let line = quote_spanned!(ident.span()=> ::core::line!());
    let column = quote_spanned!(ident.span()=> ::core::column!());
    quote_spanned! { Span::mixed_site()=>
        #(#configured)*
        #krate::private::inventory::submit! {
            #krate::private::LinkedListener {
                module_path: ::core::module_path!(),
                name: #text,
                file: #file,
                line: #line,
                column: #column,
                register: |core: &mut #krate::CoreBuilder, place: #krate::Place| {
                    let listener = core.event::<#event>().#method(#priority #ident);
                    let _ = #krate::private::stands_at(listener, place)
                        #(.named(#named))*
                        #(.before_listener(#before))*
                        #(.after_listener(#after))*
                        #optional;
                },
            }
        }
    }
}
