//! Each constraint with a bad and a good example.
