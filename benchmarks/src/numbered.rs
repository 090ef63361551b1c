//! The same, for as many numbers as there are listeners.

/// Calls a macro with every number below `$count`, which is at most 64: each listener is a function of its own.
macro_rules! numbered {
    ($count:expr, $each:ident) => {
        $crate::numbered::numbered!(@ $count, $each,
            0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
            32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63)
    };
    (@ $count:expr, $each:ident, $($number:literal)*) => {
        $(if $number < $count { $each!($number); })*
    };
}

pub(crate) use numbered;
