//! The links of mails.

use http::Uri;

/// Where the token belongs in a link.
const PLACEHOLDER: &str = "{token}";

/// What to do about a link that does not lead to a page with its token.
pub(super) fn defects_of(link: &str) -> Vec<String> {
    let mut defects = Vec::new();
    for wrong in placeholders(&link.replace(PLACEHOLDER, "")) {
        defects.push(format!("`{wrong}` is not a placeholder; the only one is `{PLACEHOLDER}`"));
    }
    if !link.contains(PLACEHOLDER) {
        defects.push(format!(
            "a mail would have a link without a token; put `{PLACEHOLDER}` where the token belongs, for example \
             `https://app.example/page#{PLACEHOLDER}`"
        ));
    }
    // A token and nothing in braces: what a browser gets.
    let sample = link.replace(PLACEHOLDER, "TOKEN").replace(['{', '}'], "");
    let is_printable = sample.bytes().all(|byte| byte.is_ascii_graphic());
    let uri = sample.parse::<Uri>().ok().filter(|_| is_printable);
    let uri = uri.filter(|uri| matches!(uri.scheme_str(), Some("http" | "https")));
    match uri.as_ref().and_then(Uri::authority) {
        None => defects.push(
            "a mail needs the whole URL; write `https://`, the host (`xn--…` for a name outside of ASCII) and the path, \
             without blanks"
                .to_owned(),
        ),
        Some(authority) if authority.as_str().contains("TOKEN") => defects.push(format!(
            "a host name is no secret; move `{PLACEHOLDER}` into the path, the query or, best, the fragment"
        )),
        Some(authority) if authority.as_str().contains('@') => defects.push(
            "browsers hide or refuse what is in front of the host; remove the name and the password".to_owned(),
        ),
        Some(_) => {}
    }
    defects
}

/// What looks like a placeholder.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('{').map(|(at, _)| {
        let end = text[at..].find('}').map_or(text.len(), |end| at + end + 1);
        &text[at..end]
    })
}

#[cfg(test)]
mod tests {
    use super::defects_of;

    #[test]
    fn pub_08_a_link_leads_to_a_page_with_its_token() {
        for link in [
            "https://app.example/activate#{token}",
            "https://app.example/activate?token={token}",
            "https://app.example:8443/a/{token}/b?c=d#{token}",
            "http://localhost:3000/#{token}",
            "http://[::1]:3000/#{token}",
            "HTTPS://xn--bcher-kva.example/#{token}",
        ] {
            assert_eq!(defects_of(link), [""; 0], "{link}");
        }
    }

    #[test]
    fn pub_08_a_link_without_its_token_or_its_page_is_a_defect() {
        for (link, told) in [
            ("https://app.example/activate", &["without a token"][..]),
            ("https://app.example/activate#{Token}", &["`{Token}`", "without a token"]),
            ("https://app.example/activate#{{token}}", &["`{}`"]),
            ("https://app.example/{locale}#{token}", &["`{locale}`"]),
            ("https://app.example/#{token", &["`{token`", "without a token"]),
            ("https://app.example/#%7Btoken%7D", &["without a token"]),
            ("https://{token}.app.example/", &["host name"]),
            ("https://ada:secret@app.example/#{token}", &["in front of the host"]),
            ("/activate#{token}", &["whole URL"]),
            ("app.example/activate#{token}", &["whole URL"]),
            ("//app.example/#{token}", &["whole URL"]),
            ("myapp://activate#{token}", &["whole URL"]),
            ("javascript:alert(1)//{token}", &["whole URL"]),
            ("https://#{token}", &["whole URL"]),
            ("https://app.example/a b#{token}", &["whole URL"]),
            ("https://app.example/\r\nBcc: x#{token}", &["whole URL"]),
            ("https://app.example/#a\r\nb{token}", &["whole URL"]),
            ("https://bücher.example/#{token}", &["whole URL"]),
            ("", &["without a token", "whole URL"]),
        ] {
            let defects = defects_of(link);
            assert_eq!(defects.len(), told.len(), "{link}: {defects:?}");
            for (defect, told) in defects.iter().zip(told) {
                assert!(defect.contains(told), "{link}: {defect}");
            }
        }
    }
}
