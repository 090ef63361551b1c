//! Paths of types and functions, as they are shown.

/// The last parts of every path in a name: with one part it is `Cached<User>` for
/// `shop::Cached<shop::model::User>`.
pub(crate) fn short(name: &str, parts: usize) -> String {
    let mut short = String::with_capacity(name.len());
    // Where the parts begin of the path that is being read.
    let mut begins = vec![0];
    let mut rest = name.chars().peekable();
    while let Some(letter) = rest.next() {
        short.push(letter);
        if letter == ':' && rest.next_if_eq(&':').is_some() {
            short.push(':');
            begins.push(short.len());
            if begins.len() > parts {
                let dropped = begins[0]..begins[1];
                begins.remove(0);
                begins.iter_mut().for_each(|begin| *begin -= dropped.len());
                short.replace_range(dropped, "");
            }
        } else if !letter.is_alphanumeric() && letter != '_' {
            begins = vec![short.len()];
        }
    }
    short
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn a_type_is_named_as_one_writes_it() {
        assert_eq!(short("dyn my_app::port::Captcha", 1), "dyn Captcha");
        assert_eq!(short("alloc::vec::Vec<(a::B, dyn c::d::E)>", 1), "Vec<(B, dyn E)>");
        assert_eq!(short("u32", 1), "u32");
        assert_eq!(short("my_app::port::Captcha", 2), "port::Captcha");
    }
}
