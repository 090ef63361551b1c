//! What `#[listener]` writes beside the function: an entry that the linker collects.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{FnArg, Ident, ItemFn, Path, ReturnType, Type, spanned::Spanned as _};

use crate::{
    attr::ListenerOptions,
    errors::Errors,
    validate::{ListensTo, check_listener},
};

/// Leaves the function as it is and submits it, or says everything that is wrong with it.
pub(crate) fn expand_listener(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options = ListenerOptions::of(options, &mut errors);
    let function = match syn::parse2::<ItemFn>(item.clone()) {
        Ok(function) => function,
        Err(_) => {
            errors.at(
                item.clone().into_iter().next(),
                "`#[listener]` belongs on a free function; register a functor with \
                 `core.event::<E>().before(MyFunctor::new)`",
            );
            let errors = errors.into_tokens();
            return quote!(#item #errors);
        }
    };
    if options.check && options.has_others() {
        errors.at(
            &function.sig.ident,
            "with `check` this listener is not collected, so the other options of `#[listener(..)]` have no effect: give \
             them where it is registered",
        );
    }
    let listens_to = check_listener(&function, &options, &mut errors);
    let mut checks = TokenStream::new();
    let mut entry = TokenStream::new();
    if let Some(listens_to) = listens_to {
        let krate = options.krate();
        // What is written for a function that cannot listen would have rustc say so again, in its own words.
        if errors.is_empty() {
            checks = check(&function, &krate, &listens_to.returns(&krate));
        }
        if !options.check {
            listens_to.check_is_no_default(&mut errors);
        }
        if errors.is_empty() && !options.check {
            entry = submit(&function, &krate, &options, &listens_to);
        }
    }
    // What is written has to be there exactly when the function is.
    let configured = function.attrs.iter().filter(|attr| attr.path().is_ident("cfg"));
    let errors = errors.into_tokens();
    let written = (!checks.is_empty()).then(|| {
        quote! {
            #(#configured)*
            const _: () = {
                #checks
                #entry
            };
        }
    });
    quote!(#item #errors #written)
}

/// Writes the entry that the linker collects.
fn submit(
    function: &ItemFn,
    krate: &Path,
    options: &ListenerOptions,
    listens_to: &ListensTo,
) -> TokenStream {
    let ListensTo { method, event, .. } = listens_to;
    let method = Ident::new(&method.to_string(), Span::mixed_site());
    let ident = &function.sig.ident;
    let text = ident.to_string();
    let text = text.trim_start_matches("r#");
    let priority = options.priority.iter().map(|(_, priority)| priority);
    let named = options.name.iter();
    let before = options.before.iter();
    let after = options.after.iter();
    let optional = options.optional.then(|| quote!(.optional()));
    // What does not fit is shown at the function.
    let listener = Ident::new("listener", located(ident.span()));
    // With the span of the function, so that the place is the function's and not the attribute's.
    let file = quote_spanned!(ident.span()=> ::core::file!());
    let line = quote_spanned!(ident.span()=> ::core::line!());
    let column = quote_spanned!(ident.span()=> ::core::column!());
    quote_spanned! { Span::mixed_site()=>
        #krate::submit_listener! {
            #krate::private::LinkedListener {
                module_path: ::core::module_path!(),
                name: #text,
                file: #file,
                line: #line,
                column: #column,
                register: |core: &mut #krate::CoreBuilder, place: #krate::describe::Place| {
                    use #krate::ListenerOptions as _;
                    let #listener = #ident
                        .placed(place)
                        #optional
                        #(.priority(#priority))*
                        #(.named(#named))*
                        #(.before_listener(#before))*
                        #(.after_listener(#after))*;
                    core.event::<#event>().#method(#listener);
                },
            }
        }
    }
}

/// Writes what is asked of a listener as code that is never called, piece by piece, so that the compiler names the
/// piece that is wrong: registering it says no more than that some piece is.
fn check(function: &ItemFn, krate: &Path, returns: &TokenStream) -> TokenStream {
    let signature = &function.sig;
    let ident = &signature.ident;
    let (generics, _, bounds) = signature.generics.split_for_impl();
    let types: Vec<_> = signature
        .inputs
        .iter()
        .filter_map(|input| match input {
            FnArg::Typed(input) => Some(&*input.ty),
            FnArg::Receiver(_) => None,
        })
        .collect();
    let names: Vec<_> = (0..types.len())
        .map(|index| Ident::new(&format!("parameter_{index}"), Span::mixed_site()))
        .collect();
    let are_parameters = types.iter().skip(1).map(|ty| {
        let at = located(ty.span());
        quote_spanned!(at=> #krate::private::check_parameter::<#ty>();)
    });
    let called = |at| quote_spanned!(at=> #ident(#(#names),*));
    let mut output = None;
    let returned = match &signature.output {
        _ if signature.asyncness.is_some() => {
            let at = located(ident.span());
            let called = called(at);
            quote_spanned!(at=> #krate::private::check_future::<#returns, _>(#called))
        }
        ReturnType::Type(_, ty) if is_result(ty) => {
            let at = located(ty.span());
            let called = called(at);
            quote_spanned!(at=> #krate::private::check_result::<#returns>(#called))
        }
        // A future in a form of its own; whether it will do is told where the listener is registered.
        other => {
            output = Some(other);
            called(Span::mixed_site())
        }
    };
    quote_spanned! { Span::mixed_site()=>
        fn _check #generics (#(#names: #types),*) #output #bounds {
            #(#are_parameters)*
            #returned
        }
    }
}

/// A place in what the user wrote, with names that are not the user's.
fn located(at: Span) -> Span {
    Span::mixed_site().located_at(at)
}

fn is_result(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Result"))
}
