//! placeholder

pub mod clock;
pub mod mail;
pub mod office;
pub mod one_net;
pub mod outbox;
