//! The rhai engine that every expression runs in: chosen packages, hard limits, nothing of the world.
//!
//! Limits are counted, never timed, so that a decision repeats exactly on another machine. Native functions are not
//! interrupted by the operation limit, and operations do not bound memory: the size limits do.

use rhai::{
    Engine, OptimizationLevel,
    packages::{
        ArithmeticPackage, BasicArrayPackage, BasicFnPackage, BasicIteratorPackage, BasicMapPackage, BasicMathPackage, BasicStringPackage,
        LogicPackage, MoreStringPackage, Package,
    },
};

use super::{compare, functions};

/// Expression nodes that one evaluation may visit.
pub const OPERATIONS_MAX: u64 = 200_000;
/// Nested calls of functions written in rhai.
pub const CALL_LEVELS_MAX: usize = 16;
/// Nesting of an expression; half as much inside functions.
pub const EXPRESSION_DEPTH_MAX: usize = 32;
/// Bytes of a text.
pub const STRING_BYTES_MAX: usize = 64 << 10;
/// Elements of a list, counted through nested ones.
pub const ARRAY_LENGTH_MAX: usize = 4096;
/// Members of a map, counted through nested ones.
pub const MAP_LENGTH_MAX: usize = 1024;
/// Variables at one time.
pub const VARIABLES_MAX: usize = 256;
/// Functions in one `rules.rhai`.
pub const FUNCTIONS_MAX: usize = 32;

/// Words that the sandbox takes out of the language; `this` because what it changes escapes the size limits.
const DISABLED: &[&str] = &["eval", "import", "print", "debug", "sleep", "exit", "this"];

/// An engine with everything registered. `strict` refuses unknown names when compiling.
///
/// `LanguageCorePackage` is left out: it sleeps and exits.
pub(super) fn engine(zone: &jiff::tz::TimeZone, strict: bool) -> Engine {
    let mut engine = Engine::new_raw();
    ArithmeticPackage::new().register_into_engine(&mut engine);
    LogicPackage::new().register_into_engine(&mut engine);
    BasicMathPackage::new().register_into_engine(&mut engine);
    BasicStringPackage::new().register_into_engine(&mut engine);
    MoreStringPackage::new().register_into_engine(&mut engine);
    BasicArrayPackage::new().register_into_engine(&mut engine);
    BasicMapPackage::new().register_into_engine(&mut engine);
    BasicIteratorPackage::new().register_into_engine(&mut engine);
    BasicFnPackage::new().register_into_engine(&mut engine);
    engine
        .set_strict_variables(strict)
        .set_fail_on_invalid_map_property(true)
        .set_fast_operators(false)
        .set_optimization_level(OptimizationLevel::None)
        .set_max_operations(OPERATIONS_MAX)
        .set_max_call_levels(CALL_LEVELS_MAX)
        .set_max_expr_depths(EXPRESSION_DEPTH_MAX, EXPRESSION_DEPTH_MAX / 2)
        .set_max_string_size(STRING_BYTES_MAX)
        .set_max_array_size(ARRAY_LENGTH_MAX)
        .set_max_map_size(MAP_LENGTH_MAX)
        .set_max_variables(VARIABLES_MAX)
        .set_max_functions(FUNCTIONS_MAX);
    for word in DISABLED {
        engine.disable_symbol(*word);
    }
    compare::register(&mut engine);
    functions::register(&mut engine, zone);
    engine
}
