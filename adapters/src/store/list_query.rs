//! The queries behind the lists. A list and its count share one condition; what a person may not see never leaves the
//! database.

use tongban_engine::organisation::Post;

use super::{Filter, case_reads::key, sql::Value};

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
const TASK_DUE: &str = task_due!();
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

    /// Narrows to what `filter` asks for; `due` is the expression that is compared with its moment.
    fn narrow(mut self, filter: &Filter, due: &'static str) -> Self {
        if let Some(process) = &filter.process {
            self = self.add(" AND h.process = ?", [process.as_str().into()]);
        }
        if let Some(text) = filter.text.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            let pattern = Value::from(contains(text));
            self = self.add(
                " AND (lower(h.title) LIKE ? ESCAPE '!' OR lower(h.number) LIKE ? ESCAPE '!' OR lower(h.applicant) LIKE ? ESCAPE '!')",
                [pattern.clone(), pattern.clone(), pattern],
            );
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
    from: &'static str,
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

    /// The condition's values.
    pub(super) fn values(&self) -> Vec<Value> {
        self.condition.values.clone()
    }
}

/// Open tasks that the person has claimed, or may claim because she holds the post.
pub(super) fn todo(person: &str, posts: &[Post], filter: &Filter) -> List {
    let mut condition = Condition::default().add("(t.assignee = ?", [person.into()]);
    if !filter.claimed {
        condition = condition
            .add(" OR (t.assignee IS NULL AND ", [])
            .any("(t.unit = ? AND t.role = ?)", posts.iter().map(|post| [post.unit.as_str().into(), post.role.as_str().into()]))
            .add(")", []);
    }
    let condition = condition.add(")", []).narrow(filter, TASK_DUE);
    List { columns: TASK_COLUMNS, more_columns: "", from: TASKS, condition, order: TASK_ORDER }
}

/// Cases in which the person did something: those that run, or those that have ended.
pub(super) fn did(person: &str, ended: bool, filter: &Filter) -> List {
    let status = if ended { "ended" } else { "running" };
    let condition = Condition::default().add("d.person = ? AND h.status = ?", [person.into(), status.into()]).narrow(filter, CASE_DUE);
    List { columns: CASE_COLUMNS, more_columns: DID_COLUMNS, from: CASES_DID, condition, order: "d.at DESC, h.case_id" }
}

/// Cases that the person began, or applied for, or that a unit of hers applied for.
pub(super) fn mine(person: &str, units: &[String], filter: &Filter) -> List {
    let condition = Condition::default()
        .add("(h.started_by = ? OR h.applicant_person = ? OR ", [person.into(), person.into()])
        .any("h.applicant_unit = ?", units.iter().map(|unit| [unit.as_str().into()]))
        .add(")", [])
        .narrow(filter, CASE_DUE);
    List { columns: CASE_COLUMNS, more_columns: "", from: CASES, condition, order: "h.started_at DESC, h.case_id" }
}

/// The open tasks of a case.
pub(super) fn tasks_of(case: &str) -> List {
    let condition = Condition::default().add("t.shard = ? AND t.case_id = ?", key(case));
    List { columns: TASK_COLUMNS, more_columns: "", from: TASKS, condition, order: "t.task" }
}

/// One case.
pub(super) fn one(case: &str) -> List {
    let condition = Condition::default().add("h.shard = ? AND h.case_id = ?", key(case));
    List { columns: CASE_COLUMNS, more_columns: "", from: CASES, condition, order: "h.case_id" }
}

/// Cases that one of the units handles.
pub(super) fn of_units(units: &[String], filter: &Filter) -> List {
    let condition = Condition::default().any("h.unit = ?", units.iter().map(|unit| [unit.as_str().into()])).narrow(filter, CASE_DUE);
    List { columns: CASE_COLUMNS, more_columns: "", from: CASES, condition, order: "h.started_at DESC, h.case_id" }
}

const COPIED_COLUMNS: &str = ", c.no AS copy_no, c.name AS copy_name, c.sender AS copy_sender, c.at AS copy_at, c.read_at AS copy_read_at";
const CASES_COPIED: &str = " FROM copied c JOIN case_head h ON h.shard = c.shard AND h.case_id = c.case_id";

/// Cases that were copied to the person: what she has not read yet first, then the newest.
pub(super) fn copied(person: &str, unread_only: bool, filter: &Filter) -> List {
    let mut condition = Condition::default().add("c.person = ?", [person.into()]);
    if unread_only {
        condition = condition.add(" AND c.read_at IS NULL", []);
    }
    let condition = condition.narrow(filter, CASE_DUE);
    let order = "(CASE WHEN c.read_at IS NULL THEN 0 ELSE 1 END), c.at DESC, h.case_id, c.no";
    List { columns: CASE_COLUMNS, more_columns: COPIED_COLUMNS, from: CASES_COPIED, condition, order }
}

/// Every kind of list query, for the test that prepares each.
#[cfg(test)]
pub(crate) fn every_list() -> Vec<String> {
    let post = Post { role: "r".to_owned(), unit: "u".to_owned() };
    let all = Filter::default();
    let narrow = Filter {
        process: Some("p".into()),
        text: Some("t".into()),
        due_before: Some(tongban_engine::time::Moment(1)),
        claimed: true,
        page: 1,
    };
    let units = ["u".to_owned(), "v".to_owned()];
    [&all, &narrow]
        .into_iter()
        .flat_map(|filter| {
            [
                todo("x", &[], filter),
                todo("x", &[post.clone(), post.clone()], filter),
                did("x", false, filter),
                did("x", true, filter),
                mine("x", &[], filter),
                mine("x", &units, filter),
                of_units(&units, filter),
                copied("x", false, filter),
                copied("x", true, filter),
            ]
        })
        .chain([tasks_of("c"), one("c")])
        .flat_map(|list| [list.all(), list.page(), list.total()])
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
        let list = todo("x", &[], &Filter::default());
        assert_eq!(list.condition.text, "(t.assignee = $1 OR (t.assignee IS NULL AND 1 = 0))");
        assert_eq!(of_units(&[], &Filter::default()).condition.text, "1 = 0");
    }
}
