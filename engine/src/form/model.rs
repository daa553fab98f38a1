//! The field standard, code lists and forms, compiled.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{definition::Basis, rules::Expression, source::Place, text::Text};

/// All fields of the standard, by name; and the records declared beside them.
#[derive(Debug, Default)]
pub struct FieldStandard {
    /// Fields by name.
    pub fields: IndexMap<String, Field>,
    /// Record types by name.
    pub records: IndexMap<String, Record>,
    /// Code lists by id.
    pub codes: IndexMap<String, CodeList>,
}

/// How sensitive a field is. P3 and up are sealed at rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Class {
    /// Public.
    P0,
    /// Internal.
    #[default]
    P1,
    /// Personal.
    P2,
    /// Sensitive personal.
    P3,
    /// Secret.
    P4,
}

/// One field of the standard.
#[derive(Clone, Debug)]
pub struct Field {
    /// snake_case name.
    pub name: String,
    /// Label.
    pub label: Text,
    /// Type.
    pub of: FieldType,
    /// Least value (numbers, money in yuan, dates as ISO text) or least length (text).
    pub min: Option<Value>,
    /// Greatest value or length.
    pub max: Option<Value>,
    /// A named check: `resident-id`, `social-credit-code`, `mobile`, `mail`.
    pub check: Option<Check>,
    /// Several lines of text.
    pub multiline: bool,
    /// Hint under the label.
    pub hint: Option<Text>,
    /// Sensitivity.
    pub class: Class,
    /// Why it is collected.
    pub purpose: Option<String>,
    /// Article.
    pub basis: Option<Basis>,
    /// Who reports it: `applicant`, `office`.
    pub reported_by: Option<String>,
    /// Who keeps it.
    pub kept_by: Option<String>,
    /// How long.
    pub retention: Option<String>,
    /// Where it stands.
    pub place: Place,
}

/// Named value checks with check digits or fixed shapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// GB 11643-1999.
    ResidentId,
    /// GB 32100-2015.
    SocialCreditCode,
    /// Mainland mobile number, 11 digits.
    Mobile,
    /// Mail address.
    Mail,
}

/// The type of a field or data name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// JSON string.
    Text,
    /// JSON integer.
    Integer,
    /// JSON string with a decimal number.
    Decimal,
    /// JSON string with yuan, two decimals at most.
    Money,
    /// JSON string `YYYY-MM-DD`.
    Date,
    /// JSON string `HH:MM`.
    Time,
    /// JSON string, RFC 3339 with offset, or local `YYYY-MM-DDTHH:MM`.
    DateTime,
    /// JSON string such as `5wd`.
    Duration,
    /// JSON boolean.
    Boolean,
    /// JSON string: a code of the named list.
    Code(String),
    /// JSON string: a unit id.
    Unit,
    /// JSON string: a person id.
    Person,
    /// JSON string: a file id.
    File,
    /// JSON object: the named record.
    Record(String),
    /// JSON array.
    List(Box<FieldType>),
}

/// A record type: fields that stand together.
#[derive(Clone, Debug)]
pub struct Record {
    /// snake_case name.
    pub name: String,
    /// Label.
    pub label: Text,
    /// Members: fields of the standard or declared in place; name and whether required.
    pub members: IndexMap<String, RecordMember>,
    /// Where it stands.
    pub place: Place,
}

/// One member of a record.
#[derive(Clone, Debug)]
pub struct RecordMember {
    /// The field.
    pub field: Field,
    /// Must be given.
    pub required: bool,
}

/// A code list.
#[derive(Clone, Debug)]
pub struct CodeList {
    /// kebab-case id.
    pub id: String,
    /// Name.
    pub name: Text,
    /// The standard it comes from.
    pub source: Option<String>,
    /// Codes in order.
    pub codes: IndexMap<String, Text>,
    /// Where it stands.
    pub place: Place,
}

/// A form: chosen fields and how they stand together.
#[derive(Debug)]
pub struct Form {
    /// kebab-case id.
    pub id: String,
    /// Name.
    pub name: Text,
    /// Groups in order.
    pub groups: Vec<Group>,
    /// Materials asked for.
    pub materials: Vec<Material>,
    /// Rules across fields.
    pub rules: Vec<FormRule>,
    /// Where it stands.
    pub place: Place,
}

/// A group of fields.
#[derive(Debug)]
pub struct Group {
    /// Heading.
    pub name: Text,
    /// Data name of a repeating group: a list of rows, each with the fields below.
    pub repeat: Option<String>,
    /// Fields in order.
    pub fields: Vec<FormField>,
    /// Where it stands.
    pub place: Place,
}

/// A field as a form uses it.
#[derive(Clone, Debug)]
pub struct FormField {
    /// The field of the standard.
    pub field: Field,
    /// Must be given (`required: true`; fields are required unless the form says `optional`).
    pub required: bool,
}

/// A material (attachment) that a form asks for.
#[derive(Clone, Debug)]
pub struct Material {
    /// snake_case id.
    pub id: String,
    /// Name.
    pub name: Text,
    /// Must be given.
    pub required: bool,
    /// File extensions taken, lower case.
    pub accept: Vec<String>,
    /// Article.
    pub basis: Option<Basis>,
    /// Where it stands.
    pub place: Place,
}

/// A rule across fields.
#[derive(Debug)]
pub struct FormRule {
    /// Must be true.
    pub must: Expression,
    /// The field that its message stands at.
    pub field: String,
    /// The message.
    pub message: Text,
}
