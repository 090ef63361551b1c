//! A range: the rest of every fingerprint that begins alike, line by line, with how often it was breached.

use dullahan_user::domain::PasswordFingerprint;

/// A line that has not the form of one, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MalformedLine(pub(super) usize);

/// Whether the password of this fingerprint is in the range.
///
/// Lines with a count of zero are padding, which hides how many others there are. A range that is malformed anywhere
/// is taken for none: what stands in its place may be a page of somebody in between.
pub(super) fn holds(
    range: &[u8],
    fingerprint: &PasswordFingerprint,
) -> Result<bool, MalformedLine> {
    let mut is_found = false;
    for (number, line) in range.split(|byte| *byte == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            continue;
        }
        let (suffix, is_padding) = read(line).ok_or(MalformedLine(number + 1))?;
        is_found |= fingerprint.has_suffix(suffix) && !is_padding;
    }
    Ok(is_found)
}

/// The rest of a fingerprint, and whether its count is zero.
fn read(line: &[u8]) -> Option<(&str, bool)> {
    let (suffix, count) = str::from_utf8(line).ok()?.split_once(':')?;
    let is_suffix = suffix.len() == 35 && suffix.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_count = !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit());
    (is_suffix && is_count).then(|| (suffix, count.bytes().all(|byte| byte == b'0')))
}

#[cfg(test)]
mod tests {
    use dullahan_user::domain::PasswordFingerprint;

    use super::{MalformedLine, holds};

    /// The rest of the fingerprint of `password`.
    const SUFFIX: &str = "1E4C9B93F3F0682250B6CF8331B7EE68FD8";
    const OTHER: &str = "0018A45C4D1DEF81644B54AB7F969B88D65";

    fn look(range: &str) -> Result<bool, MalformedLine> {
        holds(range.as_bytes(), &PasswordFingerprint::of(&"password".parse().unwrap()))
    }

    #[test]
    fn a_password_is_found_by_the_rest_of_its_fingerprint() {
        assert_eq!(look(&format!("{OTHER}:1\r\n{SUFFIX}:52256179\r\n")), Ok(true));
        assert_eq!(look(&format!("{}:1", SUFFIX.to_lowercase())), Ok(true));
        assert_eq!(look(&format!("{OTHER}:1\r\n")), Ok(false));
        assert_eq!(look(""), Ok(false));
    }

    #[test]
    fn padding_is_no_find() {
        for count in ["0", "00"] {
            assert_eq!(look(&format!("{OTHER}:1\n{SUFFIX}:{count}\n")), Ok(false));
        }
        assert_eq!(look(&format!("{SUFFIX}:10\n")), Ok(true));
    }

    #[test]
    fn a_malformed_line_anywhere_makes_it_no_range() {
        for line in [
            "<html>",
            SUFFIX,
            &format!("{SUFFIX}:"),
            &format!("{SUFFIX}:1,000"),
            &format!("{SUFFIX}:-1"),
            &format!(" {SUFFIX}:1"),
            &format!("{}:1", &SUFFIX[1..]),
            &format!("{SUFFIX}0:1"),
            &format!("G{}:1", &SUFFIX[1..]),
            &format!("{SUFFIX}:1:1"),
        ] {
            assert_eq!(look(line), Err(MalformedLine(1)), "{line}");
            assert_eq!(look(&format!("{SUFFIX}:1\r\n\r\n{line}")), Err(MalformedLine(3)), "{line}");
        }
        assert_eq!(
            holds(b"\xff", &PasswordFingerprint::of(&"password".parse().unwrap())),
            Err(MalformedLine(1))
        );
    }
}
