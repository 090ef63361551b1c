//! A private module to which nothing else refers.

use dullahan_core::{listener, After, Result};
use linked_module::Greet;

#[listener]
async fn deep(mut ev: After<'_, Greet>) -> Result<()> {
    ev.output_mut().make_ascii_uppercase();
    Ok(())
}
