//! The queries behind the lists. A list and its count share one condition; what a person may not see never leaves the
//! database.

use std::borrow::Cow;

use tongban_engine::{
    authority::{Lent, Reach},
    organisation::Concern,
};

use super::{Blind, Filter, case_reads::key, sql::Value};

/// Columns of a [`TaskRow`].
const TASK_COLUMNS: &str = "SELECT t.case_id, t.task, t.node, t.name, t.role, t.unit, t.assignee, t.opened_at, t.due, t.provisional, t.urged, t.priority, \
     h.process, h.title, h.number, h.applicant, h.received_at, h.law_due, h.law_paused";
const TASKS: &str = " FROM task t JOIN case_head h ON h.shard = t.shard AND h.case_id = t.case_id";
/// What is due first: the step's limit or the law's, whichever is sooner; a paused clock does not press.
macro_rules! task_due {
    () => {
        "(CASE WHEN h.law_due IS NULL OR h.law_paused <> 0 THEN t.due WHEN t.due IS NULL OR h.law_due < t.due THEN h.law_due ELSE t.due END)"
    };
}
pub(super) const TASK_DUE: &str = task_due!();
/// What presses most comes first, then by due moment: overdue before due today, that before what has most time left. Then the
/// oldest.
const TASK_ORDER: &str = concat!("t.priority, ", task_due!(), " NULLS LAST, t.opened_at, t.case_id, t.task");

/// Columns of a [`CaseRow`].
const CASE_COLUMNS: &str = "SELECT h.case_id, h.number, h.title, h.process, h.status, h.unit, h.applicant, h.applicant_unit, h.source, \
     h.application_no, h.started_at, h.received_at, h.ended_at, h.portal, h.standing, h.due, h.law_due, h.law_paused, h.incidents, h.quarantined";
const DID_COLUMNS: &str = ", d.node AS did_node, d.name AS did_name, d.action AS did_action, d.at AS did_at";
const CASES: &str = " FROM case_head h";
const CASES_DID: &str = " FROM did d JOIN case_head h ON h.shard = d.shard AND h.case_id = d.case_id";
/// The soonest limit of a case, steps and law: the committer keeps it so.
const CASE_DUE: &str = "h.due";

/// A task falls to a post.
const FALLS_TO: &str = "(t.unit = ? AND t.role = ?)";
/// A post at the unit that handles a case, of a role that its version gives work to.
const HANDLES: &str = "(h.unit = ? AND h.definition IN (SELECT v.definition FROM version_role v WHERE v.role = ?))";

/// A query's condition, put together from constant pieces; values are always bound.
#[derive(Debug, Default)]
struct Condition {
    text: String,
    values: Vec<Value>,
}

impl Condition {
    /// Adds `piece`, each `?` in it becoming the next value's place.
    fn add(mut self, piece: &'static str, values: impl IntoIterator<Item = Value>) -> Self {
        let mut values = values.into_iter();
        for (at, part) in piece.split('?').enumerate() {
            if at > 0 {
                self.values.extend(values.next());
                self.text.push_str(&format!("${}", self.values.len()));
            }
            self.text.push_str(part);
        }
        self
    }

    /// Adds one `piece` for each of `rows`, any of which may hold; nothing holds if there are none.
    fn any<const N: usize>(mut self, piece: &'static str, rows: impl IntoIterator<Item = [Value; N]>) -> Self {
        let mut first = true;
        for row in rows {
            self = self.add(if first { "(" } else { " OR " }, []).add(piece, row);
            first = false;
        }
        self.add(if first { "1 = 0" } else { ")" }, [])
    }

    /// Narrows to where those who lend their posts may lend them: some processes, and not what they must keep away from.
    fn lent(mut self, lent: &Lent) -> Self {
        self = if lent.processes.is_empty() {
            self.add("1 = 1", [])
        } else {
            self.any("h.process = ?", lent.processes.iter().map(|process| [process.as_str().into()]))
        };
        self.without(&lent.recusals)
    }

    /// Leaves out what somebody must keep away from.
    fn without(self, recusals: &[Concern]) -> Self {
        recusals.iter().fold(self, |condition, about| match about {
            Concern::Case(case) => condition.add(" AND h.case_id <> ?", [case.as_str().into()]),
            Concern::Unit(unit) => condition.add(" AND (h.applicant_unit IS NULL OR h.applicant_unit <> ?)", [unit.as_str().into()]),
        })
    }

    /// What any of `rows` says of a person's own posts, or of those of somebody she stands in for, as far as these are lent.
    fn each<const N: usize>(self, reach: &Reach, piece: &'static str, rows: impl Fn(&Lent) -> Vec<[Value; N]>) -> Self {
        let condition = self.add("(", []).any(piece, rows(&reach.own));
        let lent =
            |condition: Self, lent: &Lent| condition.add(" OR (", []).lent(lent).add(" AND ", []).any(piece, rows(lent)).add(")", []);
        reach.lent.iter().fold(condition, lent).add(")", [])
    }

    /// Tasks of all the people and posts that a reach has to do with, by nothing but columns that have an index: without it
    /// what is said of lent posts, half of it about their cases, would have every open task read.
    fn near(self, reach: &Reach) -> Self {
        let all = || std::iter::once(&reach.own).chain(&reach.lent);
        let condition = self.add("(t.assignee = ? OR ", [reach.person.as_str().into()]);
        let condition = condition.any("t.assignee = ?", reach.lent.iter().map(|lent| [lent.of.as_str().into()]));
        let mut near: Vec<_> = all().flat_map(|lent| &lent.posts).map(|post| (post.unit.as_str(), post.role.as_str())).collect();
        near.sort_unstable();
        near.dedup();
        condition.add(" OR ", []).any(FALLS_TO, near.into_iter().map(|(unit, role)| [unit.into(), role.into()])).add(")", [])
    }

    /// Narrows to what `filter` asks for; `due` is the expression that is compared with its moment.
    fn narrow(mut self, filter: &Filter, due: &'static str) -> Self {
        if let Some(process) = &filter.process {
            self = self.add(" AND h.process = ?", [process.as_str().into()]);
        }
        if let Some(text) = filter.text.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            let pattern = Value::from(contains(text));
            self = self.add(
                " AND (lower(h.title) LIKE ? ESCAPE '!' OR lower(h.number) LIKE ? ESCAPE '!' OR lower(h.applicant) LIKE ? ESCAPE '!'",
                [pattern.clone(), pattern.clone(), pattern],
            );
            for Blind { name, hash } in &filter.blind {
                let known =
                    " OR (h.shard, h.case_id) IN (SELECT f.shard, f.case_id FROM field_index f WHERE f.name = ? AND f.text_value = ?)";
                self = self.add(known, [name.as_str().into(), hash.as_str().into()]);
            }
            self = self.add(")", []);
        }
        if let Some(before) = filter.due_before {
            self = self.add(" AND ", []).add(due, []).add(" < ?", [before.into()]);
        }
        self
    }
}

/// The pattern of texts that contain `text`.
fn contains(text: &str) -> String {
    let mut pattern = String::from("%");
    for letter in text.to_lowercase().chars() {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

/// A list: what is selected, from where, under which condition, in which order.
#[derive(Debug)]
pub(super) struct List {
    columns: &'static str,
    more_columns: &'static str,
    from: Cow<'static, str>,
    condition: Condition,
    order: &'static str,
}

impl List {
    /// The query for all rows.
    pub(super) fn all(&self) -> String {
        let Self { columns, more_columns, from, condition, order } = self;
        format!("{columns}{more_columns}{from} WHERE {} ORDER BY {order}", condition.text)
    }

    /// The query for one page; takes two values more: how many rows, after how many.
    pub(super) fn page(&self) -> String {
        let last = self.condition.values.len();
        format!("{} LIMIT ${} OFFSET ${}", self.all(), last + 1, last + 2)
    }

    /// The query for how many rows there are.
    pub(super) fn total(&self) -> String {
        format!("SELECT count(*) AS total{} WHERE {}", self.from, self.condition.text)
    }

    /// The query for how many rows there are, and how many of them are due before a moment, by `due`; takes that as a value
    /// more.
    pub(super) fn total_and_late(&self, due: &'static str) -> String {
        let last = self.condition.values.len();
        format!(
            "SELECT count(*) AS total, count(CASE WHEN {due} < ${} THEN 1 END) AS late{} WHERE {}",
            last + 1,
            self.from,
            self.condition.text
        )
    }

    /// The condition's values.
    pub(super) fn values(&self) -> Vec<Value> {
        self.condition.values.clone()
    }
}

/// Open tasks that the person has, or may claim because she holds the post: for herself, and for those she stands in for.
pub(super) fn todo(reach: &Reach, filter: &Filter) -> List {
    let mut condition = Condition::default();
    if !filter.claimed && !reach.lent.is_empty() {
        condition = condition.near(reach).add(" AND ", []);
    }
    condition = condition.add("(t.assignee = ?", [reach.person.as_str().into()]);
    if !filter.claimed {
        let own: Vec<_> = posts(&reach.own).collect();
        condition = condition.add(" OR (t.assignee IS NULL AND ", []).any(FALLS_TO, posts(&reach.own)).add(")", []);
        for lent in &reach.lent {
            condition = condition
                .add(" OR (", [])
                .lent(lent)
                .add(" AND (t.assignee = ? OR (t.assignee IS NULL AND ", [lent.of.as_str().into()])
                // what her own posts give her anyway need not be looked for again
                .any(FALLS_TO, posts(lent).filter(|post| !own.contains(post)))
                .add(")))", []);
        }
    }
    let condition = condition.add(")", []).without(&reach.recusals).narrow(filter, TASK_DUE);
    List { columns: TASK_COLUMNS, more_columns: "", from: TASKS.into(), condition, order: TASK_ORDER }
}

/// Cases in which the person did something: those that run, or those that have ended.
pub(super) fn did(reach: &Reach, ended: bool, filter: &Filter) -> List {
    let status = if ended { "ended" } else { "running" };
    let condition = Condition::default()
        .add("d.person = ? AND h.status = ?", [reach.person.as_str().into(), status.into()])
        .without(&reach.recusals)
        .narrow(filter, CASE_DUE);
    List { columns: CASE_COLUMNS, more_columns: DID_COLUMNS, from: CASES_DID.into(), condition, order: "d.at DESC, h.case_id" }
}

/// Cases that the person began, or applied for, or that a unit of hers, or of one she stands in for, applied for.
pub(super) fn mine(reach: &Reach, filter: &Filter) -> List {
    let person = || Value::from(reach.person.as_str());
    let condition = Condition::default()
        .add("(h.started_by = ? OR h.applicant_person = ? OR ", [person(), person()])
        .each(reach, "h.applicant_unit = ?", |lent| lent.units().into_iter().map(|unit| [unit.into()]).collect())
        .add(")", [])
        .without(&reach.recusals)
        .narrow(filter, CASE_DUE);
    cases(condition)
}

/// Cases that the person handles: those of units where she, or one she stands in for, holds a post that the process names.
pub(super) fn of_units(reach: &Reach, filter: &Filter) -> List {
    let condition = Condition::default().each(reach, HANDLES, |lent| posts(lent).collect()).without(&reach.recusals);
    cases(condition.narrow(filter, CASE_DUE))
}

/// Cases that the person may see, by whatever relation: what [`tongban_engine::authority::Action::SeeCase`] allows.
pub(super) fn seen(reach: &Reach, filter: &Filter) -> List {
    let person = || Value::from(reach.person.as_str());
    let mut condition = Condition::default()
        .add("SELECT shard, case_id FROM involved WHERE person = ?", [person()])
        .add(" UNION ALL SELECT shard, case_id FROM case_head WHERE started_by = ?", [person()])
        .add(" UNION ALL SELECT shard, case_id FROM case_head WHERE applicant_person = ?", [person()])
        .add(" UNION ALL SELECT shard, case_id FROM task WHERE assignee = ?", [person()]);
    for lent in std::iter::once(&reach.own).chain(&reach.lent) {
        let tasks =
            " UNION ALL SELECT h.shard, h.case_id FROM task t JOIN case_head h ON h.shard = t.shard AND h.case_id = t.case_id WHERE ";
        condition = condition.add(tasks, []).lent(lent).add(" AND (t.assignee = ? OR ", [lent.of.as_str().into()]);
        condition = condition.any(FALLS_TO, posts(lent)).add(")", []);
        condition = condition.add(" UNION ALL SELECT h.shard, h.case_id FROM case_head h WHERE ", []).lent(lent).add(" AND (", []);
        condition = condition.any(HANDLES, posts(lent)).add(" OR ", []);
        condition = condition.any("h.unit = ?", lent.below.iter().map(|unit| [unit.as_str().into()])).add(" OR ", []);
        condition = condition.any("h.applicant_unit = ?", lent.units().into_iter().map(|unit| [unit.into()])).add(")", []);
    }
    // the relations first, each by its index: as a condition of all cases they would have every case read
    let related = format!(
        " FROM (SELECT DISTINCT r.shard, r.case_id FROM ({}) r) s JOIN case_head h ON h.shard = s.shard AND h.case_id = s.case_id",
        condition.text
    );
    let condition = Condition { text: String::new(), values: condition.values }.add("1 = 1", []);
    List { from: related.into(), ..cases(condition.without(&reach.recusals).narrow(filter, CASE_DUE)) }
}

/// The open tasks of a case.
pub(super) fn tasks_of(case: &str) -> List {
    let condition = Condition::default().add("t.shard = ? AND t.case_id = ?", key(case));
    List { columns: TASK_COLUMNS, more_columns: "", from: TASKS.into(), condition, order: "t.task" }
}

/// One case.
pub(super) fn one(case: &str) -> List {
    let condition = Condition::default().add("h.shard = ? AND h.case_id = ?", key(case));
    List { columns: CASE_COLUMNS, more_columns: "", from: CASES.into(), condition, order: "h.case_id" }
}

const COPIED_COLUMNS: &str = ", c.no AS copy_no, c.name AS copy_name, c.sender AS copy_sender, c.at AS copy_at, c.read_at AS copy_read_at";
const CASES_COPIED: &str = " FROM copied c JOIN case_head h ON h.shard = c.shard AND h.case_id = c.case_id";

/// Cases that were copied to the person: what she has not read yet first, then the newest.
pub(super) fn copied(reach: &Reach, unread_only: bool, filter: &Filter) -> List {
    let mut condition = Condition::default().add("c.person = ?", [reach.person.as_str().into()]);
    if unread_only {
        condition = condition.add(" AND c.read_at IS NULL", []);
    }
    let condition = condition.without(&reach.recusals).narrow(filter, CASE_DUE);
    let order = "(CASE WHEN c.read_at IS NULL THEN 0 ELSE 1 END), c.at DESC, h.case_id, c.no";
    List { columns: CASE_COLUMNS, more_columns: COPIED_COLUMNS, from: CASES_COPIED.into(), condition, order }
}

fn cases(condition: Condition) -> List {
    List { columns: CASE_COLUMNS, more_columns: "", from: CASES.into(), condition, order: "h.started_at DESC, h.case_id" }
}

/// Unit and role of each post.
fn posts(lent: &Lent) -> impl Iterator<Item = [Value; 2]> {
    lent.posts.iter().map(|post| [post.unit.as_str().into(), post.role.as_str().into()])
}

/// Every kind of list query, for the test that prepares each.
#[cfg(test)]
pub(crate) fn every_list() -> Vec<String> {
    let all = Filter::default();
    let narrow = Filter {
        process: Some("p".into()),
        text: Some("t".into()),
        due_before: Some(tongban_engine::time::Moment(1)),
        claimed: true,
        blind: vec![Blind { name: "name".into(), hash: "hash".into() }],
        page: 1,
    };
    let post = tongban_engine::organisation::Post { role: "r".to_owned(), unit: "u".to_owned() };
    let recusals = vec![Concern::Case("c".to_owned()), Concern::Unit("u".to_owned())];
    let lent = Lent {
        of: "y".to_owned(),
        processes: vec!["p".to_owned()],
        posts: vec![post.clone(), post],
        below: vec!["u".to_owned()],
        recusals: recusals.clone(),
    };
    let full = Reach { person: "x".to_owned(), own: lent.clone(), lent: vec![lent], recusals };
    let reaches = [Reach::default(), full];
    reaches
        .iter()
        .flat_map(|reach| [(reach, &all), (reach, &narrow)])
        .flat_map(|(reach, filter)| {
            let done = [did(reach, false, filter), did(reach, true, filter)];
            let copies = [copied(reach, false, filter), copied(reach, true, filter)];
            let others = [todo(reach, filter), mine(reach, filter), of_units(reach, filter), seen(reach, filter)];
            done.into_iter().chain(copies).chain(others)
        })
        .chain([tasks_of("c"), one("c")])
        .flat_map(|list| [list.all(), list.page(), list.total()])
        .chain([todo(&Reach::default(), &all).total_and_late(TASK_DUE)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_looked_for_as_it_is_written() {
        assert_eq!(contains("50%_A!"), "%50!%!_a!!%");
    }

    #[test]
    fn a_person_without_posts_or_units_is_offered_nothing() {
        let nothing = Reach::default();
        let list = todo(&nothing, &Filter::default());
        assert_eq!(list.condition.text, "(t.assignee = $1 OR (t.assignee IS NULL AND 1 = 0))");
        assert_eq!(of_units(&nothing, &Filter::default()).condition.text, "(1 = 0)");
    }
}
