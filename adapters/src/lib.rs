//! placeholder

pub mod one_net;
