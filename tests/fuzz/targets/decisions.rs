//! libFuzzer over `decisions`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tongban_fuzz::decisions(bytes));
