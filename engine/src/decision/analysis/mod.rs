//! What a table leaves open, decides twice, or never says: found by cutting each input into the pieces between which no
//! cell tells a difference, so that a finite search is exact.
//!
//! | code | about |
//! |---|---|
//! | `D060` | a gap: no rule holds (policies with one result, without defaults) |
//! | `D061` | an overlap: two rules hold under `unique`, or disagree under `any` |
//! | `D062` | a rule that never gives the result |
//! | `D063` | expressions, into which the analysis does not look, decide whether there is a gap or overlap |
//! | `D064` | the table is too large for the search |

mod axis;
mod choice;
mod grid;
mod told;

use jiff::tz::TimeZone;
use serde_json::Value;

use super::{DecisionTable, Entry, HitPolicy, policy};
use crate::{
    diagnostic::Finding,
    form::FieldStandard,
    rules::Rules,
    source::Place,
    text::{Language, Text},
};
use axis::Axis;
pub(crate) use choice::Choice;
use grid::{Grid, Reach, Search};
use told::{opaque_rules, witness};

/// Pieces that the searches in one table may look at.
const STEPS_MAX: usize = 1_000_000;
/// Rules of a table that is looked into.
const RULES_MAX: usize = 1_000;

/// What is wrong with the table as a whole; gaps are told at `place`, the rest at the rule.
pub(super) fn findings(table: &DecisionTable, rules: &Rules, standard: &FieldStandard, place: &Place) -> Vec<Finding> {
    if table.rules.len() > RULES_MAX {
        return vec![too_large(table, place)];
    }
    let axes: Vec<Axis> = (0..table.inputs.len()).map(|column| Axis::of(table, column, standard)).collect();
    let grid = Grid::of(table, &axes, rules);
    let mut analysis = Analysis { table, zone: rules.zone(), place, axes, grid, steps: STEPS_MAX, findings: Vec::new(), unproven: false };
    analysis.gaps();
    analysis.overlaps();
    analysis.masked();
    analysis.findings
}

fn too_large(table: &DecisionTable, place: &Place) -> Finding {
    let (rules, inputs) = (table.rules.len(), table.inputs.len());
    let message = Text::new(
        format!("决策表太大（{rules} 条规则、{inputs} 个输入），遗漏与重叠没有查完"),
        format!("the table is too large ({rules} rules, {inputs} inputs): gaps and overlaps were not all looked for"),
    );
    Finding::warning("D064", place.clone(), message).about(table.id.clone())
}

struct Analysis<'a> {
    table: &'a DecisionTable,
    zone: &'a TimeZone,
    place: &'a Place,
    axes: Vec<Axis>,
    grid: Grid,
    /// Steps that are left.
    steps: usize,
    findings: Vec<Finding>,
    /// Whether `D063` was told: once is enough.
    unproven: bool,
}

impl Analysis<'_> {
    fn gaps(&mut self) {
        let covered = self.table.outputs.iter().any(|output| output.default.is_some()) || !self.table.policy.gives_one();
        if covered {
            return;
        }
        match self.search(&Search::all(&self.grid, Reach::Maybe)) {
            None => {}
            Some(Some(atoms)) => {
                let (zh, en) = witness(self.table, &self.axes, &atoms);
                let help = Text::new("加一条规则，或给输出写 default", "add a rule, or give an output a `default`");
                let message = Text::new(format!("没有规则覆盖：{zh}"), format!("no rule holds for {en}"));
                self.findings.push(Finding::error("D060", self.place.clone(), message).help(help).about(self.table.id.clone()));
            }
            Some(None) => {
                if let Some(Some(atoms)) = self.search(&Search::all(&self.grid, Reach::Surely)) {
                    self.not_proved(&atoms);
                }
            }
        }
    }

    /// The first earlier rule that each rule overlaps with.
    fn overlaps(&mut self) {
        if !matches!(self.table.policy, HitPolicy::Unique | HitPolicy::Any) {
            return;
        }
        for later in 1..self.table.rules.len() {
            let mut open = None;
            for earlier in (0..later).filter(|earlier| self.conflicts(*earlier, later)) {
                if let Some(atoms) = self.grid.common(earlier, later, Reach::Surely) {
                    self.overlap(earlier, later, &atoms);
                    open = None;
                    break;
                }
                open = open.or_else(|| self.grid.common(earlier, later, Reach::Maybe));
            }
            if let Some(atoms) = open {
                self.not_proved(&atoms);
            }
        }
    }

    /// Whether both must not hold.
    fn conflicts(&self, earlier: usize, later: usize) -> bool {
        self.table.policy == HitPolicy::Unique || !self.say_the_same(earlier, later)
    }

    fn say_the_same(&self, a: usize, b: usize) -> bool {
        let pairs = self.table.rules[a].then.iter().zip(&self.table.rules[b].then);
        pairs.zip(&self.table.outputs).all(|((a, b), output)| match (a, b) {
            (Entry::Value(a), Entry::Value(b)) => policy::same(&output.of, a, b, self.zone),
            (Entry::Expression(a), Entry::Expression(b)) => a.text == b.text,
            _ => false,
        })
    }

    fn overlap(&mut self, earlier: usize, later: usize, atoms: &[usize]) {
        let (zh, en) = witness(self.table, &self.axes, atoms);
        let other = self.table.rule_text(earlier);
        let number = later + 1;
        // Under `any` expressions that differ in their words may still give the same.
        let certain = self.table.policy == HitPolicy::Unique || self.is_literal(earlier) && self.is_literal(later);
        if !certain {
            self.not_proved(atoms);
            return;
        }
        let message = if self.table.policy == HitPolicy::Unique {
            Text::new(
                format!("规则 {number} 与{}同时成立：{zh}", other.zh),
                format!("rule {number} and {} both hold for {en}", other.get(Language::En)),
            )
        } else {
            Text::new(
                format!("规则 {number} 与{}同时成立而结果不同：{zh}", other.zh),
                format!("rule {number} and {} both hold and disagree for {en}", other.get(Language::En)),
            )
        };
        let help = Text::new("让规则互不重叠，或改用 hitPolicy: first", "keep the rules apart, or use `hitPolicy: first`");
        let place = self.table.rules[later].place.clone();
        self.findings.push(Finding::error("D061", place, message).help(help).about(self.table.id.clone()));
    }

    fn is_literal(&self, rule: usize) -> bool {
        self.table.rules[rule].then.iter().all(|entry| matches!(entry, Entry::Value(_)))
    }

    /// Rules that nothing meets, or whose inputs other rules take first.
    fn masked(&mut self) {
        for rule in 0..self.table.rules.len() {
            let before = self.taken_before(rule);
            if !self.grid.can_hold(rule) {
                let message = Text::new("这条规则永不成立：它的条件没有值能满足", "this rule never holds: no value meets it");
                self.never(rule, message);
            } else if before.iter().any(|before| *before) {
                match self.search(&Search::within(&self.grid, rule, &before)) {
                    None => return,
                    Some(Some(_)) => {}
                    Some(None) => {
                        let message = if self.table.policy == HitPolicy::First {
                            Text::new("这条规则永不生效：前面的规则已全部覆盖", "this rule never fires: earlier rules cover all of it")
                        } else {
                            Text::new(
                                "这条规则永不生效：优先的规则已全部覆盖",
                                "this rule never fires: rules of higher priority cover all of it",
                            )
                        };
                        self.never(rule, message);
                    }
                }
            }
        }
    }

    /// Which rules go before `rule` wherever both hold.
    fn taken_before(&self, rule: usize) -> Vec<bool> {
        let all = 0..self.table.rules.len();
        match self.table.policy {
            HitPolicy::First => all.map(|other| other < rule).collect(),
            HitPolicy::Priority => {
                let ranks: Vec<Option<Vec<usize>>> = all.clone().map(|other| self.rank(other)).collect();
                let goes_first = |other: usize| matches!((&ranks[other], &ranks[rule]), (Some(a), Some(b)) if (a, other) < (b, rule));
                all.map(goes_first).collect()
            }
            _ => all.map(|_| false).collect(),
        }
    }

    fn rank(&self, rule: usize) -> Option<Vec<usize>> {
        let values: Option<Vec<Value>> = self.table.rules[rule]
            .then
            .iter()
            .map(|entry| match entry {
                Entry::Value(value) => Some(value.clone()),
                Entry::Expression(_) => None,
            })
            .collect();
        Some(policy::rank(self.table, &values?, self.zone))
    }

    fn never(&mut self, rule: usize, message: Text) {
        let help = Text::new("删去它，或调整条件与次序", "remove it, or change its conditions or the order");
        let place = self.table.rules[rule].place.clone();
        self.findings.push(Finding::warning("D062", place, message).help(help).about(self.table.id.clone()));
    }

    /// What the search finds: nothing, or where no rule holds. None once the steps are used up, which is told.
    fn search(&mut self, search: &Search) -> Option<Option<Vec<usize>>> {
        let found = search.uncovered(&mut self.steps);
        if found.is_none() && !self.findings.iter().any(|finding| finding.code == "D064") {
            self.findings.push(too_large(self.table, self.place));
        }
        found
    }

    fn not_proved(&mut self, atoms: &[usize]) {
        if std::mem::replace(&mut self.unproven, true) {
            return;
        }
        let (zh, en) = witness(self.table, &self.axes, atoms);
        let (rules_zh, rules_en) = opaque_rules(self.table);
        let message = Text::new(
            format!("未能证明既无遗漏也无冲突：{rules_zh}含有表达式，例如 {zh}"),
            format!("not proved to be without gap and overlap: {rules_en} holds an expression; see {en}"),
        );
        let note = Finding::warning("D063", self.place.clone(), message).about(self.table.id.clone());
        self.findings.push(Finding { severity: crate::diagnostic::Severity::Note, ..note });
    }
}
