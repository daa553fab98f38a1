//! The field standard, code lists and forms, compiled.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{definition::Basis, rules::Expression, source::Place, text::Text};

/// All fields of the standard, by name; and the records declared beside them.
///
/// The rows of a form's repeating group are records too, named `<form>.<group>` (see [`row_record`]): a name that
/// no designer can write, so nothing clashes.
#[derive(Clone, Debug, Default)]
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
#[derive(Clone, Debug)]
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
#[derive(Clone, Debug)]
pub struct Group {
    /// Heading.
    pub name: Text,
    /// Data name of a repeating group: a list of rows, each with the fields below.
    pub repeat: Option<String>,
    /// Of a repeating group: at least one row must be given.
    pub required: bool,
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
    /// Must be given: fields are required unless the form says `required: false`; a boolean never is.
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
#[derive(Clone, Debug)]
pub struct FormRule {
    /// Must be true. None in a form that was read back from what was published, if the reader cannot compile it: the office
    /// alone judges such a rule.
    pub must: Option<Expression>,
    /// The field that its message stands at.
    pub field: String,
    /// The message.
    pub message: Text,
}

/// A material that was handed in, as far as a form can judge it; content and size are the edge's business.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaterialGiven {
    /// The material's id.
    pub material: String,
    /// The file's id in the store.
    pub file: String,
    /// The file's name as the applicant gave it.
    pub name: String,
}

/// The name of the record that a row of `form`'s repeating group `repeat` is.
pub fn row_record(form: &str, repeat: &str) -> String {
    format!("{form}.{repeat}")
}

impl FieldStandard {
    /// The standard's field called `name`; or, for a data name that a process declares itself, a bare field of type
    /// `of` (label is the name, class P1).
    pub fn field_for(&self, name: &str, of: &FieldType) -> Field {
        match self.fields.get(name) {
            Some(field) => Field { of: of.clone(), ..field.clone() },
            None => Field::bare(name, of.clone()),
        }
    }
}

impl Field {
    /// A field of which nothing is known but its name and type.
    pub fn bare(name: &str, of: FieldType) -> Self {
        Self {
            name: name.to_owned(),
            label: Text::zh(name),
            of,
            min: None,
            max: None,
            check: None,
            multiline: false,
            hint: None,
            class: Class::default(),
            purpose: None,
            basis: None,
            reported_by: None,
            kept_by: None,
            retention: None,
            place: Place::default(),
        }
    }
}

impl Form {
    /// Every data name of the form with its type, in order. A repeating group is a list of its row's record.
    pub fn types(&self) -> IndexMap<String, FieldType> {
        let mut types = IndexMap::new();
        for group in &self.groups {
            match &group.repeat {
                Some(repeat) => {
                    types.insert(repeat.clone(), self.rows_of(repeat));
                }
                None => types.extend(group.fields.iter().map(|f| (f.field.name.clone(), f.field.of.clone()))),
            }
        }
        types
    }

    /// The type of one data name of the form.
    pub fn type_of(&self, name: &str) -> Option<FieldType> {
        if self.rows(name).is_some() { Some(self.rows_of(name)) } else { self.field(name).map(|f| f.field.of.clone()) }
    }

    /// The field called `name` outside repeating groups.
    pub fn field(&self, name: &str) -> Option<&FormField> {
        self.groups.iter().filter(|g| g.repeat.is_none()).flat_map(|g| &g.fields).find(|f| f.field.name == name)
    }

    /// The repeating group whose data name is `name`.
    pub fn rows(&self, name: &str) -> Option<&Group> {
        self.groups.iter().find(|g| g.repeat.as_deref() == Some(name))
    }

    /// What people call a data name of the form; the name itself, if the form does not have it.
    pub fn label_of(&self, name: &str) -> Text {
        let rows = || self.rows(name).map(|group| group.name.clone());
        self.field(name).map(|f| f.field.label.clone()).or_else(rows).unwrap_or_else(|| Text::zh(name))
    }

    fn rows_of(&self, repeat: &str) -> FieldType {
        FieldType::List(Box::new(FieldType::Record(row_record(&self.id, repeat))))
    }

    /// This form with one more group: data names that a process declares itself and a task shows or edits. Names that
    /// the form has already are left out, and none is required (an action's `require` says that).
    #[must_use]
    pub fn extended<'a>(&self, standard: &FieldStandard, heading: Text, names: impl IntoIterator<Item = (&'a str, &'a FieldType)>) -> Self {
        let known = self.types();
        let fields: Vec<FormField> = names
            .into_iter()
            .filter(|(name, _)| !known.contains_key(*name))
            .map(|(name, of)| FormField { field: standard.field_for(name, of), required: false })
            .collect();
        let mut form = self.clone();
        if !fields.is_empty() {
            form.groups.push(Group { name: heading, repeat: None, required: false, fields, place: self.place.clone() });
        }
        form
    }
}
