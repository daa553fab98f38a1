//! The lists: what waits for a person, what she has in hand and has done, what she began, what her units handle.

use tongban_engine::{
    definition::{PortalStatus, Priority},
    organisation::Post,
    text::Text,
};

use super::{
    CaseRow, CopyMark, Counts, DoneMark, Filter, PAGE_ROWS, Page, Store, StoreError, TaskRow,
    case_reads::{json, word},
    list_query::{self, List},
    sql::Row,
};

const DOING: &str = "read a list";

impl Store {
    /// 待办: what the person may do now, most urgent first: overdue, due today, least time left, oldest.
    ///
    /// # Errors
    /// The store failed.
    pub async fn todo(&self, person: &str, filter: &Filter) -> Result<Page<TaskRow>, StoreError> {
        self.page(&list_query::todo(person, &self.posts_of(person), filter), filter.page, |row| self.task_row(row)).await
    }

    /// 在办: running cases in which the person did something.
    ///
    /// # Errors
    /// The store failed.
    pub async fn doing(&self, person: &str, filter: &Filter) -> Result<Page<CaseRow>, StoreError> {
        self.page(&list_query::did(person, false, filter), filter.page, |row| self.case_row_did(row)).await
    }

    /// 已办: ended cases in which the person did something.
    ///
    /// # Errors
    /// The store failed.
    pub async fn done(&self, person: &str, filter: &Filter) -> Result<Page<CaseRow>, StoreError> {
        self.page(&list_query::did(person, true, filter), filter.page, |row| self.case_row_did(row)).await
    }

    /// 我发起: cases that the person started, or that her unit applied for.
    ///
    /// # Errors
    /// The store failed.
    pub async fn mine(&self, person: &str, filter: &Filter) -> Result<Page<CaseRow>, StoreError> {
        self.page(&list_query::mine(person, &self.units_of(person), filter), filter.page, |row| self.case_row_from(row)).await
    }

    /// Cases handled by a unit where the person holds a post.
    ///
    /// # Errors
    /// The store failed.
    pub async fn of_units(&self, person: &str, filter: &Filter) -> Result<Page<CaseRow>, StoreError> {
        self.page(&list_query::of_units(&self.units_of(person), filter), filter.page, |row| self.case_row_from(row)).await
    }

    /// 抄送我的: cases that were copied to the person, unread ones first.
    ///
    /// # Errors
    /// The store failed.
    pub async fn copied(&self, person: &str, filter: &Filter) -> Result<Page<CaseRow>, StoreError> {
        self.page(&list_query::copied(person, false, filter), filter.page, |row| self.case_row_copied(row)).await
    }

    /// How many rows each list has.
    ///
    /// # Errors
    /// The store failed.
    pub async fn counts(&self, person: &str) -> Result<Counts, StoreError> {
        let (posts, units, all) = (self.posts_of(person), self.units_of(person), Filter::default());
        let overdue = Filter { due_before: Some(self.inner.clock.now()), ..Filter::default() };
        Ok(Counts {
            todo: self.total(&list_query::todo(person, &posts, &all)).await?,
            overdue: self.total(&list_query::todo(person, &posts, &overdue)).await?,
            doing: self.total(&list_query::did(person, false, &all)).await?,
            done: self.total(&list_query::did(person, true, &all)).await?,
            mine: self.total(&list_query::mine(person, &units, &all)).await?,
            unread: self.total(&list_query::copied(person, true, &all)).await?,
        })
    }

    /// One case as a list shows it.
    ///
    /// # Errors
    /// The store failed.
    pub async fn case_row(&self, id: &str) -> Result<Option<CaseRow>, StoreError> {
        let list = list_query::one(id);
        let rows = self.inner.readers.fetch("read a case's row", &list.all(), list.values()).await?;
        rows.first().map(|row| self.case_row_from(row)).transpose()
    }

    /// The open tasks of a case, whoever they wait for.
    ///
    /// # Errors
    /// The store failed.
    pub async fn tasks_of(&self, case: &str) -> Result<Vec<TaskRow>, StoreError> {
        let list = list_query::tasks_of(case);
        let rows = self.inner.readers.fetch("list a case's tasks", &list.all(), list.values()).await?;
        rows.iter().map(|row| self.task_row(row)).collect()
    }

    async fn page<T>(&self, list: &List, page: u32, read: impl Fn(&Row) -> Result<T, StoreError>) -> Result<Page<T>, StoreError> {
        let mut values = list.values();
        values.extend([PAGE_ROWS.into(), (u64::from(page) * u64::from(PAGE_ROWS)).into()]);
        let rows = self.inner.readers.fetch("read a list", &list.page(), values).await?;
        let rows = rows.iter().map(read).collect::<Result<Vec<T>, StoreError>>()?;
        // A first page that is not full is the whole list.
        let known = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        let total = if page == 0 && known < u64::from(PAGE_ROWS) { known } else { self.total(list).await? };
        Ok(Page { rows, total, page })
    }

    async fn total(&self, list: &List) -> Result<u64, StoreError> {
        let rows = self.inner.readers.fetch("count a list", &list.total(), list.values()).await?;
        rows.first().map_or(Ok(0), |row| row.count("total"))
    }

    fn posts_of(&self, person: &str) -> Vec<Post> {
        self.organisation().people.get(person).map(|person| person.posts.clone()).unwrap_or_default()
    }

    fn units_of(&self, person: &str) -> Vec<String> {
        let mut units: Vec<String> = self.posts_of(person).into_iter().map(|post| post.unit).collect();
        units.sort();
        units.dedup();
        units
    }

    /// The name of a process, or its id if no version of it is deployed.
    fn process_name(&self, process: &str) -> Text {
        self.latest(process).map_or_else(|| Text::zh(process), |definition| definition.process.name.clone())
    }

    fn task_row(&self, row: &Row) -> Result<TaskRow, StoreError> {
        let process = row.text("process")?;
        Ok(TaskRow {
            case: row.text("case_id")?,
            task: row.small("task")?,
            node: row.text("node")?,
            name: json(DOING, "name", &row.text("name")?)?,
            process_name: self.process_name(&process),
            process,
            title: row.text("title")?,
            number: row.opt_text("number")?,
            applicant: row.text("applicant")?,
            role: row.text("role")?,
            unit: row.text("unit")?,
            assignee: row.opt_text("assignee")?,
            opened_at: row.moment("opened_at")?,
            received_at: row.moment("received_at")?,
            due: row.opt_moment("due")?,
            provisional: row.int("provisional")? != 0,
            law_due: row.opt_moment("law_due")?,
            law_paused: row.int("law_paused")? != 0,
            urged: row.small("urged")?,
            priority: u8::try_from(row.small("priority")?).map_or(Priority::Low, Priority::from_rank),
        })
    }

    fn case_row_from(&self, row: &Row) -> Result<CaseRow, StoreError> {
        let process = row.text("process")?;
        Ok(CaseRow {
            case: row.text("case_id")?,
            number: row.opt_text("number")?,
            title: row.text("title")?,
            process_name: self.process_name(&process),
            process,
            status: word("status", &row.text("status")?)?,
            unit: row.text("unit")?,
            applicant: row.text("applicant")?,
            applicant_unit: row.opt_text("applicant_unit")?,
            source: row.text("source")?,
            application_no: row.text("application_no")?,
            started_at: row.moment("started_at")?,
            received_at: row.moment("received_at")?,
            ended_at: row.opt_moment("ended_at")?,
            portal: row.opt_text("portal")?.as_deref().and_then(PortalStatus::from_code),
            standing: json(DOING, "standing", &row.text("standing")?)?,
            due: row.opt_moment("due")?,
            incidents: row.small("incidents")?,
            quarantined: row.opt_text("quarantined")?,
            mine: None,
            copy: None,
        })
    }

    fn case_row_did(&self, row: &Row) -> Result<CaseRow, StoreError> {
        let mine = DoneMark {
            node: row.text("did_node")?,
            name: json(DOING, "did.name", &row.text("did_name")?)?,
            action: json(DOING, "did.action", &row.text("did_action")?)?,
            at: row.moment("did_at")?,
        };
        Ok(CaseRow { mine: Some(mine), ..self.case_row_from(row)? })
    }

    fn case_row_copied(&self, row: &Row) -> Result<CaseRow, StoreError> {
        let copy = CopyMark {
            no: row.small("copy_no")?,
            name: json(DOING, "copied.name", &row.text("copy_name")?)?,
            by: row.opt_text("copy_sender")?,
            at: row.moment("copy_at")?,
            read: row.opt_moment("copy_read_at")?,
        };
        Ok(CaseRow { copy: Some(copy), ..self.case_row_from(row)? })
    }
}
