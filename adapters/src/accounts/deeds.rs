//! How log-ins and what belongs to them are noted in the audit: who, what, from where; never a secret.

use serde_json::{Value, json};

use super::Origin;
use crate::store::{Deed, Store};

/// Who did it when nobody has shown who she is.
pub(super) const NOBODY: &str = "nobody";

/// Something that `actor` did now to the thing `about`, with what there is to say of it.
pub(super) fn done(store: &Store, actor: &str, deed: &str, kind: &str, about: &str, after: Option<&Value>) -> Deed {
    Deed { after: after.map(Value::to_string), ..Deed::new(store.inner.clock.now(), actor, deed, kind, about) }
}

/// Where something came from, and how.
pub(super) fn from(origin: &Origin, how: &str) -> Value {
    json!({"address": origin.address(), "browser": origin.browser(), "by": how})
}
