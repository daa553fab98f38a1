//! What data looks like: the field standard, code lists and forms; validating and drawing them.

mod check;
mod display;
mod error;
mod fields;
mod html;
mod identity;
mod load;
mod masking;
mod model;
mod published;
#[cfg(test)]
mod sample;
mod scalar;
mod schema;
mod sensitive;
mod subject;
mod types;
mod unticked;
mod value;
mod view;

pub use check::{ROWS_MAX, Scope, accepts, check_form};
pub use display::{DESTROYED, display, masked};
pub use error::FieldError;
pub use fields::{added_row, cleared, from_fields};
pub use html::html;
pub use identity::{CreditCodeError, ResidentIdError, is_mail, is_mobile, resident_id, social_credit_code};
pub(crate) use load::{Reader, Shape};
pub use load::{load_form, load_standard};
pub use masking::masked_value;
pub use model::*;
pub use published::{from_published, published};
pub use scalar::{MULTILINE_LENGTH_MAX, TEXT_LENGTH_MAX};
pub use schema::json_schema;
pub use sensitive::{class_of, for_each_sensitive, is_indexable, seal_paths};
pub use subject::{Identity, normal, subject};
pub(crate) use types::{is_id, is_name, near};
pub use types::{parse_type, type_at};
pub use unticked::unticked;
pub use value::{ITEMS_MAX, check_value, is_absent};
pub use view::{Attached, Choice, FormView, Rights};

#[cfg(test)]
mod tests;
