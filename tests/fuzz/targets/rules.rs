//! libFuzzer over `rules`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tongban_fuzz::rules(bytes));
