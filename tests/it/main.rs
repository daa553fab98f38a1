//! The one integration target: each further target would link the world once more.

mod asvs;
mod canary;
mod files;
mod fuzz;
mod hand_over;
mod inclusive;
mod layout;
mod mail;
mod one_net;
mod readme;
mod refusals;
mod store;
