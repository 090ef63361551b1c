//! What can be a linked listener: a free function whose first parameter is a handle.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{
    FnArg, GenericArgument, GenericParam, Ident, ItemFn, Path, PathArguments, PathSegment,
    ReturnType, Signature, Type,
};

use crate::{attr::ListenerOptions, errors::Errors};

/// How many services a bare function can take.
const MOST_SERVICES: usize = 6;

/// The phase and the event that a function listens to, as its first parameter says.
pub(crate) struct ListensTo {
    /// The method that registers to this phase.
    pub(crate) method: Ident,
    pub(crate) has_priority: bool,
    pub(crate) event: Type,
}

impl ListensTo {
    /// Notes that a default action is not for the linker to find.
    pub(crate) fn check_is_no_default(&self, errors: &mut Errors) {
        if self.method == "default" {
            errors.push(syn::Error::new(
                self.method.span(),
                "a default action is not linked: the module that declares the event gives it one with \
                 `core.declare::<E>().default(..)`, and an application puts another into its place with \
                 `core.event::<E>().override_default(..)`",
            ));
        }
    }

    /// What the listener has to return, inside of `Result`.
    pub(crate) fn returns(&self, krate: &Path) -> TokenStream {
        let event = &self.event;
        if self.method == "wrap" || self.method == "default" {
            quote!(<#event as #krate::Event>::Output)
        } else {
            quote!(())
        }
    }
}

/// Reads from a function what it listens to, and notes what keeps it from being a listener.
pub(crate) fn check_listener(
    function: &ItemFn,
    options: &ListenerOptions,
    errors: &mut Errors,
) -> Option<ListensTo> {
    check_signature(&function.sig, errors);
    for attr in &function.attrs {
        if attr.path().segments.last().is_some_and(|segment| segment.ident == "listener") {
            errors.at(attr, "`#[listener]` is given twice; keep one");
        }
    }
    let listens_to = handle(&function.sig, errors)?;
    let method = &listens_to.method;
    if let (false, Some((span, _))) = (listens_to.has_priority, &options.priority)
        && method != "default"
    {
        errors.push(syn::Error::new(
            *span,
            format!(
                "listeners of the phase `{method}` have no priority; order them by name, with `before` or `after`"
            ),
        ));
    }
    Some(listens_to)
}

fn check_signature(signature: &Signature, errors: &mut Errors) {
    if let Some(token) = &signature.unsafety {
        errors.at(token, "a listener is called by the dispatcher, so it cannot be `unsafe`");
    }
    if let Some(abi) = &signature.abi {
        errors.at(abi, "a listener is an ordinary Rust function");
    }
    if let Some(variadic) = &signature.variadic {
        errors.at(variadic, "a listener has no variable parameters");
    }
    for param in &signature.generics.params {
        let ident = match param {
            GenericParam::Lifetime(_) => continue,
            GenericParam::Type(param) => &param.ident,
            GenericParam::Const(param) => &param.ident,
        };
        errors.at(
            ident,
            "a linked listener has no type or const parameters, as nothing says which instances to register; \
             register the instances you need with `core.event::<E>()`",
        );
    }
    for input in &signature.inputs {
        if let FnArg::Typed(input) = input
            && let Type::ImplTrait(parameter) = &*input.ty
        {
            errors.at(
                parameter,
                "a linked listener has no type parameters: take a port as `Inject<'_, dyn Port>`",
            );
        }
    }
    if let Some(one_too_many) = signature.inputs.iter().nth(1 + MOST_SERVICES) {
        errors.at(
            one_too_many,
            format!(
                "a function takes at most {MOST_SERVICES} services; make it a functor, a struct with its ports as fields"
            ),
        );
    }
    if matches!(signature.output, ReturnType::Default) {
        errors.at(
            &signature.ident,
            "a listener returns `dullahan_core::Result<()>`, around the default action `dullahan_core::Result<E::Output>`",
        );
    }
}

/// The handle that the first parameter is.
fn handle(signature: &Signature, errors: &mut Errors) -> Option<ListensTo> {
    let ty = match signature.inputs.first() {
        Some(FnArg::Typed(first)) => &*first.ty,
        Some(FnArg::Receiver(receiver)) => {
            errors.at(
                receiver,
                "`#[listener]` belongs on a free function; register a functor, which has its ports as fields, with \
                 `core.event::<E>().before(MyFunctor::new)`",
            );
            return None;
        }
        None => {
            errors.at(&signature.ident, format!("this function listens to nothing: {FIRST}"));
            return None;
        }
    };
    if let Type::Reference(reference) = ty
        && let Some(segment) = last_segment(&reference.elem)
        && method(&segment.ident).is_some()
    {
        let taken = segment.to_token_stream().to_string().replace(' ', "").replace(',', ", ");
        errors.at(reference, format!("a listener takes its handle by value: `mut ev: {taken}`"));
        return None;
    }
    let Some(segment) = last_segment(ty) else {
        errors.at(ty, format!("this is not a handle: {FIRST}"));
        return None;
    };
    let Some((method, has_priority)) = method(&segment.ident) else {
        errors.at(ty, format!("this is not a handle: {FIRST}"));
        return None;
    };
    let Some(event) = event(segment) else {
        let handle = &segment.ident;
        errors.at(ty, format!("say which event it listens to: `{handle}<'_, E>`"));
        return None;
    };
    Some(ListensTo { method: Ident::new(method, segment.ident.span()), has_priority, event })
}

const FIRST: &str = "the first parameter has to be the handle of a phase and an event, `Before<'_, E>`, \
                     `Wrap<'_, E>`, `After<'_, E>`, `Observe<'_, E>`, `Committed<'_, E>` or `RolledBack<'_, E>`";

fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match ty {
        Type::Path(path) => path.path.segments.last(),
        Type::Group(group) => last_segment(&group.elem),
        Type::Paren(paren) => last_segment(&paren.elem),
        _ => None,
    }
}

/// The method that registers to the phase of a handle, and whether it takes a priority.
fn method(handle: &Ident) -> Option<(&'static str, bool)> {
    match handle.to_string().as_str() {
        "Before" => Some(("before", true)),
        "Wrap" => Some(("wrap", true)),
        "DefaultAction" => Some(("default", false)),
        "After" => Some(("after", true)),
        "Observe" => Some(("observe", false)),
        "Committed" => Some(("committed", false)),
        "RolledBack" => Some(("rolled_back", false)),
        _ => None,
    }
}

/// The event of a handle: its one type argument.
fn event(handle: &PathSegment) -> Option<Type> {
    let PathArguments::AngleBracketed(arguments) = &handle.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(event) => Some(event.clone()),
        _ => None,
    })
}
