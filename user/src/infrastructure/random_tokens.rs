//! Tokens from the operating system's generator.

use zeroize::Zeroizing;

use crate::{
    domain::Token,
    port::{TokenGenerationError, TokenGenerator},
};

/// Tokens from the operating system's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomTokens;

impl TokenGenerator for RandomTokens {
    fn generate(&self) -> Result<Token, TokenGenerationError> {
        let mut bytes = Zeroizing::new([0; Token::BYTES]);
        getrandom::fill(bytes.as_mut()).map_err(TokenGenerationError::new)?;
        Ok(Token::from_bytes(*bytes))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use crate::{infrastructure::RandomTokens, port::TokenGenerator};

    #[test]
    fn ses_02_a_thousand_tokens_and_their_digests_are_unique() {
        let tokens: Vec<_> = (0..1_000).map(|_| RandomTokens.generate().unwrap()).collect();
        let shown: HashSet<String> =
            tokens.iter().map(|token| token.expose().to_string()).collect();
        let digests: HashSet<[u8; 32]> =
            tokens.iter().map(|token| *token.digest().as_bytes()).collect();
        assert_eq!((shown.len(), digests.len()), (1_000, 1_000));
        assert!(shown.iter().all(|text| text.len() == 43));
    }
}
