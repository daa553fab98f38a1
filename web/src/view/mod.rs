//! From values to pages: texts, templates, times, lights, and the frame around every page.

mod ahead;
pub mod audit;
pub mod chrome;
mod deeds;
pub mod export;
pub mod lamp;
pub mod messages;
pub mod parts;
pub mod platforms;
pub mod qr;
pub mod standing;
pub mod templates;
#[cfg(test)]
mod tokens;
pub mod when;
pub mod words;

pub use ahead::Ahead;
pub use chrome::Chrome;
pub use lamp::Lamp;
pub use messages::{fill, listed, say};
