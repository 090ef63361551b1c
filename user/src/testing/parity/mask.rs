//! A mask over what is made at random: identifiers and tokens.

use crate::testing::mailbox::is_of_token;

/// The text with `<id>` for every UUID, and `<token>` for every token.
pub(super) fn mask(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let word = rest.bytes().take_while(|byte| is_of_token(*byte)).count();
        if word == 0 {
            let next = rest.char_indices().nth(1).map_or(rest.len(), |(next, _)| next);
            masked.push_str(&rest[..next]);
            rest = &rest[next..];
            continue;
        }
        masked.push_str(match &rest[..word] {
            id if uuid::Uuid::try_parse(id).is_ok() => "<id>",
            token if token.len() == 43 => "<token>",
            word => word,
        });
        rest = &rest[word..];
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::mask;

    #[test]
    fn identifiers_and_tokens_are_masked_and_nothing_else_is() {
        let token = "A-_".repeat(14) + "B";
        let text = format!(
            "{{\"id\":\"0199c7f8-1111-7222-8333-444455556666\",\"é\":\"{token}\",\"x\":\"{token}C\"}}"
        );
        let expected = format!("{{\"id\":\"<id>\",\"é\":\"<token>\",\"x\":\"{token}C\"}}");
        assert_eq!(mask(&text), expected);
        assert_eq!(mask("no-store"), "no-store");
    }
}
