//! Expressions and scripts: rhai, sandboxed, compiled once, pure.
//!
//! An expression reads data by bare name, changes nothing, and gives the same answer to the same input, always. What
//! designers may call stands in [`functions`]; what the sandbox allows stands in [`sandbox`].

mod check;
mod compare;
mod error;
mod functions;
mod logic;
mod names;
mod needs;
mod open;
mod pattern;
mod proofs;
pub mod sandbox;
mod shape;
mod types;
mod value;
mod vocabulary;

use std::sync::{Arc, Mutex, PoisonError};

use rhai::{AST, Dynamic, Engine, Scope};
use serde_json::{Map, Value};

pub use check::is_reserved;
pub use error::RuleError;
pub(crate) use functions::date_in;
pub use logic::{Asked, Is, Logic};
pub use needs::{Effect, Need, Use};
pub use vocabulary::{own_functions, standard_functions};

use crate::{
    diagnostic::Finding,
    form::{FieldStandard, FieldType},
    source::{Place, Source},
    text::Text,
};

/// The zone that moments are read in unless [`Rules::in_zone`] says otherwise: the one of all China.
const ZONE: &str = "Asia/Shanghai";

/// A compiled expression or script with its place.
#[derive(Clone, Debug)]
pub struct Expression {
    /// As written.
    pub text: String,
    /// Where it stands.
    pub place: Place,
    /// The free names it reads (and, in a script, writes), each once, in order of first appearance.
    pub variables: Vec<String>,
    ast: Arc<AST>,
}

/// Where an evaluation finds its data.
pub trait Lookup {
    /// The value of a name, if it has one.
    fn value(&self, name: &str) -> Option<Value>;
    /// The declared type of a name. A name with neither value nor type is unknown, and reading it is an error.
    fn type_of(&self, name: &str) -> Option<FieldType>;
    /// Whether messages must not show the value (class P3 and up).
    fn is_sensitive(&self, _name: &str) -> bool {
        false
    }
}

/// The rules of one process: the sandbox, and the functions of its `rules.rhai`.
#[derive(Clone, Debug)]
pub struct Rules {
    engine: Arc<Engine>,
    /// Parses without knowing any name, to find out which names there are.
    reader: Arc<Engine>,
    functions: Option<Arc<AST>>,
    /// The same functions one by one, to look into.
    bodies: Arc<Vec<needs::Body>>,
    functions_source: Option<Source>,
    /// What scripts of an experiment said by `log`; None: `log` is not there.
    said: Option<Arc<Mutex<Vec<String>>>>,
    standard: Arc<FieldStandard>,
    zone: jiff::tz::TimeZone,
}

impl Rules {
    /// Rules over `standard`, with the functions of a `rules.rhai` if there is one.
    pub fn new(functions: Option<&Source>, standard: Arc<FieldStandard>) -> (Self, Vec<Finding>) {
        let zone = jiff::tz::TimeZone::get(ZONE).unwrap_or(jiff::tz::TimeZone::UTC);
        let mut rules = Self {
            engine: Arc::new(sandbox::engine(&zone, true)),
            reader: Arc::new(sandbox::engine(&zone, false)),
            functions: None,
            bodies: Arc::default(),
            functions_source: functions.cloned(),
            said: None,
            standard,
            zone,
        };
        let findings = rules.compile_functions().err().into_iter().collect();
        (rules, findings)
    }

    /// The same rules, reading moments in `zone`.
    #[must_use]
    pub fn in_zone(mut self, zone: &jiff::tz::TimeZone) -> Self {
        self.engine = Arc::new(sandbox::engine(zone, true));
        self.zone = zone.clone();
        self
    }

    /// Rules of an experiment: names need not be known beforehand, and scripts may say something by `log(x)`.
    #[must_use]
    pub fn open(mut self, zone: &jiff::tz::TimeZone) -> Self {
        let said = Arc::new(Mutex::new(Vec::new()));
        let mut engine = sandbox::engine(zone, true);
        let heard = said.clone();
        engine.register_fn("log", move |value: Dynamic| {
            heard.lock().unwrap_or_else(PoisonError::into_inner).push(value.to_string());
        });
        self.engine = Arc::new(engine);
        self.said = Some(said);
        self.zone = zone.clone();
        self
    }

    /// What scripts have said by `log` since the last look.
    pub fn said(&self) -> Vec<String> {
        self.said.as_ref().map(|said| std::mem::take(&mut *said.lock().unwrap_or_else(PoisonError::into_inner))).unwrap_or_default()
    }

    /// The zone that moments are read in.
    pub(crate) fn zone(&self) -> &jiff::tz::TimeZone {
        &self.zone
    }

    /// Compiles an expression: one value, no statements.
    ///
    /// # Errors
    /// `Y040` with the position inside the YAML scalar, if it does not parse; `Y043`, if it changes more than variables and
    /// their direct members.
    pub fn expression(&self, text: &str, place: Place) -> Result<Expression, Finding> {
        self.compile(text, place, false)
    }

    /// Compiles a script: statements that assign declared data.
    ///
    /// # Errors
    /// `Y040`, as [`Rules::expression`].
    pub fn script(&self, text: &str, place: Place) -> Result<Expression, Finding> {
        self.compile(text, place, true)
    }

    fn compile(&self, text: &str, place: Place, script: bool) -> Result<Expression, Finding> {
        let named = self.said.as_ref().map(|_| open::is_set_by_name(text));
        let text = named.as_deref().unwrap_or(text);
        let parsed = if script { self.reader.compile(text) } else { self.reader.compile_expression(text) };
        let variables = names::free(&parsed.map_err(|error| error::syntax(&error, text, &place))?);
        let mut scope = Scope::new();
        for name in &variables {
            scope.push_dynamic(name.as_str(), Dynamic::UNIT);
        }
        let compiled =
            if script { self.engine.compile_with_scope(&scope, text) } else { self.engine.compile_expression_with_scope(&scope, text) };
        let mut ast = compiled.map_err(|error| error::syntax(&error, text, &place))?;
        error::depth(&ast, text, &place)?;
        if let Some(functions) = &self.functions {
            ast = functions.merge(&ast);
        }
        Ok(Expression { text: text.to_owned(), place, variables, ast: Arc::new(ast) })
    }

    fn compile_functions(&mut self) -> Result<(), Finding> {
        let Some(source) = &self.functions_source else { return Ok(()) };
        let start = crate::source::Span { line: 1, column: 1, end_line: 1, end_column: 1 };
        let place = Place { file: source.name.clone(), span: start };
        let ast = self.engine.compile(&*source.text).map_err(|error| error::syntax(&error, &source.text, &place))?;
        if !ast.statements().is_empty() {
            let message =
                Text::new("rules.rhai 只能写函数（fn），不能写其他语句", "rules.rhai may hold functions (fn) only, no other statements");
            return Err(Finding::error("Y041", place, message));
        }
        error::depth(&ast, &source.text, &place)?;
        self.bodies = Arc::new(needs::bodies(&self.reader, &ast, &source.text));
        self.functions = Some(Arc::new(ast));
        Ok(())
    }

    /// The value of an expression.
    ///
    /// # Errors
    /// A [`RuleError`] that names the place, the cause and the values read.
    pub fn evaluate(&self, expression: &Expression, names: &dyn Lookup) -> Result<Value, RuleError> {
        let mut scope = self.scope(expression, names)?;
        let value = self.run_in(expression, names, &mut scope)?;
        value::to_json(&value).map_err(|kind| RuleError::not_data(expression, &kind))
    }

    /// The value of a condition.
    ///
    /// # Errors
    /// As [`Rules::evaluate`]; and if the value is no boolean.
    pub fn condition(&self, expression: &Expression, names: &dyn Lookup) -> Result<bool, RuleError> {
        let mut scope = self.scope(expression, names)?;
        let value = self.run_in(expression, names, &mut scope)?;
        value.as_bool().map_err(|_| RuleError::not_boolean(expression, &value, names))
    }

    /// Runs a script and returns what it left in each of `assigns`, in that order.
    ///
    /// # Errors
    /// As [`Rules::evaluate`].
    pub fn run(&self, script: &Expression, names: &dyn Lookup, assigns: &[String]) -> Result<Map<String, Value>, RuleError> {
        let mut scope = self.scope(script, names)?;
        let _last_value = self.run_in(script, names, &mut scope)?;
        let mut result = Map::new();
        for name in assigns {
            if let Some(value) = scope.get(name) {
                let value = value::to_json(value).map_err(|kind| RuleError::not_data(script, &kind))?;
                result.insert(name.clone(), value);
            }
        }
        Ok(result)
    }

    /// Only the names that the expression reads, in the order that its variables were compiled in.
    fn scope(&self, expression: &Expression, names: &dyn Lookup) -> Result<Scope<'static>, RuleError> {
        let mut scope = Scope::new();
        for name in &expression.variables {
            let of = names.type_of(name);
            let value = match names.value(name) {
                Some(value) => value::to_dynamic(&value, of.as_ref(), &self.standard),
                None if of.is_some() || self.said.is_some() => Dynamic::UNIT,
                None => return Err(RuleError::unknown_name(expression, name)),
            };
            scope.push_dynamic(name.clone(), value);
        }
        Ok(scope)
    }

    fn run_in(&self, expression: &Expression, names: &dyn Lookup, scope: &mut Scope<'static>) -> Result<Dynamic, RuleError> {
        self.engine.eval_ast_with_scope::<Dynamic>(scope, &expression.ast).map_err(|error| RuleError::from_rhai(&error, expression, names))
    }
}

#[cfg(test)]
mod tests;
