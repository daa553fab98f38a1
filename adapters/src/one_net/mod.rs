//! One-Net (一网通办): what a platform and the office tell each other, and a simulator of the platform.
//!
//! Both sides speak JSON over HTTP POST, each message signed ([`sign`]) and in the platform's own field names
//! ([`mapping`], `workflows/platforms/ID.yaml`):
//!
//! - platform → office, to `/one-net/ID/KIND`: `file` (an attachment, raw), `application`, `supplement`, `withdrawal`,
//!   `rating`. Answered when committed; the same message again gets the same answer; see [`inbound`].
//! - office → platform: `item` (guide and form of an item as one unit handles it) and `status` (one message for each step
//!   that the applicant is told of, with its documents). Delivered at least once through the outbox, in order per
//!   application, always with the same message id and body; see [`outbound`].
//!
//! An HTTP answer 2xx says that the message is on disk; 4xx that it never will be; everything else means: again, later.

pub mod link;
pub mod mapping;
pub mod messages;
pub mod sign;
pub mod simulator;
