//! The lists: what waits for a person, what she has in hand and has done, what she began, what her units handle.

use tongban_engine::{
    authority::{Authority, Reach},
    definition::{PortalStatus, Priority},
    text::Text,
};

use super::{
    CaseRow, CopyMark, Counts, DoneMark, Filter, PAGE_ROWS, Page, Store, StoreError, TaskRow,
    case_reads::{json, word},
    list_query::{self, List, TASK_DUE},
    sql::Row,
};

const DOING: &str = "read a list";

impl Store {
    /// 待办: what the person may do now, most urgent first: overdue, due today, least time left, oldest.
    ///
    /// # Errors
    /// The store failed.
    pub async fn todo(&self, person: &str, filter: &Filter) -> Result<Page<TaskRow>, StoreError> {
        self.page(&list_query::todo(&self.reach(person), &self.seen_through(filter)), filter.page, |row| self.task_row(row)).await
    }

    /// The same, where it is counted already how many there are.
    ///
    /// # Errors
    /// The store failed.
    pub async fn todo_counted(&self, person: &str, filter: &Filter, counts: &Counts) -> Result<Page<TaskRow>, StoreError> {
        let known = (*filter == Filter { page: filter.page, ..Filter::default() }).then_some(counts.todo);
        let list = list_query::todo(&self.reach(person), &self.seen_through(filter));
        self.page_of(&list, filter.page, known, |row| self.task_row(row)).await
    }

    /// 在办: running cases in which the person did something.
    ///
    /// # Errors
    /// The store failed.
    pub async fn doing(&self, person: &str, filter: &Filter) -> Result<Page<CaseRow>, StoreError> {
        self.page(&list_query::did(&self.reach(person), false, &self.seen_through(filter)), filter.page, |row| self.case_row_did(row)).await
    }

    /// 已办: ended cases in which the person did something.
    ///
    /// # Errors
    /// The store failed.
    pub async fn done(&self, person: &str, filter: &Filter) -> Result<Page<CaseRow>, StoreError> {
        self.page(&list_query::did(&self.reach(person), true, &self.seen_through(filter)), filter.page, |row| self.case_row_did(row)).await
    }

    /// 我发起: cases that the person started, or that her unit applied for.
    ///
    /// # Errors
    /// The store failed.
    pub async fn mine(&self, person: &str, filter: &Filter) -> Result<Page<CaseRow>, StoreError> {
        self.page(&list_query::mine(&self.reach(person), &self.seen_through(filter)), filter.page, |row| self.case_row_from(row)).await
    }

    /// 本单位: cases handled by a unit where the person holds a post that the process names.
    ///
    /// # Errors
    /// The store failed.
    pub async fn of_units(&self, person: &str, filter: &Filter) -> Result<Page<CaseRow>, StoreError> {
        self.page(&list_query::of_units(&self.reach(person), &self.seen_through(filter)), filter.page, |row| self.case_row_from(row)).await
    }

    /// 可查看: every case that the person may see, by whatever relation to it.
    ///
    /// # Errors
    /// The store failed.
    pub async fn seen(&self, person: &str, filter: &Filter) -> Result<Page<CaseRow>, StoreError> {
        self.page(&list_query::seen(&self.reach(person), &self.seen_through(filter)), filter.page, |row| self.case_row_from(row)).await
    }

    /// 抄送我的: cases that were copied to the person, unread ones first.
    ///
    /// # Errors
    /// The store failed.
    pub async fn copied(&self, person: &str, filter: &Filter) -> Result<Page<CaseRow>, StoreError> {
        self.page(&list_query::copied(&self.reach(person), false, filter), filter.page, |row| self.case_row_copied(row)).await
    }

    /// How many rows each list has.
    ///
    /// # Errors
    /// The store failed.
    pub async fn counts(&self, person: &str) -> Result<Counts, StoreError> {
        let (reach, all) = (self.reach(person), Filter::default());
        let tasks = list_query::todo(&reach, &all);
        let mut values = tasks.values();
        values.push(self.inner.clock.now().into());
        let counted = self.inner.readers.fetch("count tasks", &tasks.total_and_late(TASK_DUE), values).await?;
        let counted = |name| counted.first().map_or(Ok(0), |row| row.count(name));
        Ok(Counts {
            todo: counted("total")?,
            overdue: counted("late")?,
            doing: self.total(&list_query::did(&reach, false, &all)).await?,
            done: self.total(&list_query::did(&reach, true, &all)).await?,
            mine: self.total(&list_query::mine(&reach, &all)).await?,
            unread: self.total(&list_query::copied(&reach, true, &all)).await?,
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
        self.page_of(list, page, None, read).await
    }

    async fn page_of<T>(
        &self,
        list: &List,
        page: u32,
        total: Option<u64>,
        read: impl Fn(&Row) -> Result<T, StoreError>,
    ) -> Result<Page<T>, StoreError> {
        let mut values = list.values();
        values.extend([PAGE_ROWS.into(), (u64::from(page) * u64::from(PAGE_ROWS)).into()]);
        let rows = self.inner.readers.fetch("read a list", &list.page(), values).await?;
        let rows = rows.iter().map(read).collect::<Result<Vec<T>, StoreError>>()?;
        // A first page that is not full is the whole list.
        let known = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        let total = match total {
            Some(total) => total,
            None if page == 0 && known < u64::from(PAGE_ROWS) => known,
            None => self.total(list).await?,
        };
        Ok(Page { rows, total, page })
    }

    async fn total(&self, list: &List) -> Result<u64, StoreError> {
        let rows = self.inner.readers.fetch("count a list", &list.total(), list.values()).await?;
        rows.first().map_or(Ok(0), |row| row.count("total"))
    }

    /// What a person's posts reach as things stand; nothing for whom the organisation does not know.
    fn reach(&self, person: &str) -> Reach {
        let (organisation, roles) = (self.organisation(), self.roles());
        let authority = Authority { organisation: &organisation, roles: &roles, now: self.inner.clock.now() };
        authority.reach(person).unwrap_or_default()
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
