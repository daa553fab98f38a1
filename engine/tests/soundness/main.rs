//! The soundness checker against a second implementation, and against processes of which is known what is wrong.
#![expect(clippy::unwrap_used, reason = "tests")]

mod drawing;
mod elements;
mod exhaustive;
mod random;
