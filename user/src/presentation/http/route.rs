//! The routes of the contract.

use http::Method;

use super::Problem;

/// A route of the contract, for a bridge to mount.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Route {
    /// The method. `HEAD` comes with `GET`.
    pub method: Method,
    /// The path, without parameters so far.
    pub path: &'static str,
}

/// Which route a request has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Register,
    Activate,
    LogIn,
    LogOut,
    Account,
    OpenApi,
}

pub(super) static ROUTES: &[Route] = &[
    Route { method: Method::POST, path: "/auth/registration" },
    Route { method: Method::POST, path: "/auth/activation" },
    Route { method: Method::POST, path: "/auth/login" },
    Route { method: Method::POST, path: "/auth/logout" },
    Route { method: Method::GET, path: "/account" },
    Route { method: Method::GET, path: "/auth/openapi.json" },
];

/// What the routes lead to, in the same order.
static FOUND: [Found; 6] =
    [Found::Register, Found::Activate, Found::LogIn, Found::LogOut, Found::Account, Found::OpenApi];

/// Finds the route of a request.
pub(super) fn find(method: &Method, path: &str) -> Result<Found, Box<Problem>> {
    let mut at_path = ROUTES.iter().zip(FOUND).filter(|(route, _)| route.path == path).peekable();
    if at_path.peek().is_none() {
        return Err(Box::new(Problem::not_found()));
    }
    let asked = if method == Method::HEAD { &Method::GET } else { method };
    let mut allowed = Vec::new();
    for (route, found) in at_path {
        if route.method == asked {
            return Ok(found);
        }
        allowed.push(route.method.clone());
        if route.method == Method::GET {
            allowed.push(Method::HEAD);
        }
    }
    Err(Box::new(Problem::method_not_allowed(&allowed)))
}

#[cfg(test)]
mod tests {
    use http::{Method, StatusCode};

    use super::{FOUND, Found, ROUTES, find};

    #[test]
    fn every_route_is_found_by_its_own_method_and_path() {
        assert_eq!(ROUTES.len(), FOUND.len());
        for (route, found) in ROUTES.iter().zip(FOUND) {
            assert_eq!(find(&route.method, route.path).unwrap(), found);
        }
    }

    #[test]
    fn head_comes_with_get_and_nothing_else() {
        assert_eq!(find(&Method::HEAD, "/account").unwrap(), Found::Account);
        let refused = find(&Method::HEAD, "/auth/login").unwrap_err();
        assert_eq!(refused.status(), StatusCode::METHOD_NOT_ALLOWED);
    }

    #[test]
    fn a_path_is_taken_literally() {
        for path in
            ["/", "", "/account/", "//account", "/Account", "/account/../account", "/%61ccount"]
        {
            let refused = find(&Method::GET, path).unwrap_err();
            assert_eq!(refused.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }
}
