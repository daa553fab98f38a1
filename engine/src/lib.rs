//! The pure engine of Tongban: what an office writes as YAML is loaded, checked and run here.
//!
//! Nothing in this crate touches the world: no async, no clock, no randomness, no files, no sockets.
//! Everything it needs is handed in; everything it wants done comes back as data.
//!
//! The way through: [`definition::load`] reads a bundle of files into a [`definition::Definition`] or into
//! findings with positions; [`interpreter::decide`] answers a [`interpreter::Command`] on a
//! [`interpreter::Case`] with events or a [`interpreter::Rejection`]; [`interpreter::apply`] records an event;
//! [`interpreter::effects`] says what an event asks of the world.

pub mod authority;
pub mod bpmn;
pub mod calendar;
pub mod decision;
pub mod definition;
pub mod diagnostic;
pub mod diagram;
pub mod diff;
pub mod document;
mod expression;
pub mod form;
pub mod interpreter;
pub mod language;
pub mod organisation;
pub mod reference;
pub mod rules;
pub mod scenario;
pub mod simulation;
pub mod soundness;
pub mod source;
pub mod text;
pub mod time;
pub mod world;
mod xml;
