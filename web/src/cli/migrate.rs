//! `tongban migrate`: what a new version means for the open cases of a process; moving some, the rest, or back again.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use serde_json::json;
use tongban_adapters::store::{MigratedCase, MigrationPlan, Store, Version, VersionUse};
use tongban_engine::{
    definition::load_office,
    interpreter::{Actor, Sort},
    text::{Language, Text},
};

use super::{records::StoreArgs, say};

/// Cases of a plan that are printed; `--json` has all.
const CASES_SHOWN: usize = 50;

/// What to do with which cases. May run beside a server: each case is one command, and whoever comes second decides again.
#[derive(Debug, Args)]
pub struct MigrateArgs {
    /// Process id
    pub process: String,
    /// Version the cases go to: its number or the beginning of its content hash; the latest if absent
    #[arg(long)]
    pub to: Option<String>,
    /// Only cases on these versions
    #[arg(long)]
    pub from: Vec<String>,
    /// Only say what would become of every case (this is what happens if nothing else is asked for)
    #[arg(long, conflicts_with_all = ["pilot", "rest", "undo", "versions"])]
    pub plan: bool,
    /// Plan for the version that stands in this office folder, deployed or not
    #[arg(long, conflicts_with_all = ["pilot", "rest", "undo", "versions", "to"])]
    pub office: Option<PathBuf>,
    /// Move these cases, by identifier or number
    #[arg(long, num_args = 1.., value_name = "CASE", conflicts_with_all = ["rest", "undo", "versions"])]
    pub pilot: Vec<String>,
    /// Move every case that can go
    #[arg(long, conflicts_with_all = ["undo", "versions"])]
    pub rest: bool,
    /// Move the cases that came to the version back to where they came from
    #[arg(long, conflicts_with = "versions")]
    pub undo: bool,
    /// List the versions with their open cases
    #[arg(long)]
    pub versions: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub place: StoreArgs,
}

/// Plans or moves; exit status 1 if a case that was to move stayed, or, of a plan, if one could not go.
pub(super) fn run(asked: &MigrateArgs) -> anyhow::Result<ExitCode> {
    super::records::runtime()?.block_on(async {
        let store = asked.place.open().await?;
        let outcome = carry_out(asked, &store).await;
        store.close().await;
        outcome
    })
}

async fn carry_out(asked: &MigrateArgs, store: &Store) -> anyhow::Result<ExitCode> {
    let language = asked.place.lang.into();
    if asked.versions {
        let uses = store.version_uses(&asked.process).await?;
        if asked.json {
            say(&serde_json::to_string_pretty(&uses)?)?;
        } else {
            uses.iter().try_for_each(|used| say(version_line(used).get(language)))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let plan = planned(asked, store).await?;
    if asked.pilot.is_empty() && !asked.rest && !asked.undo {
        if asked.json {
            say(&serde_json::to_string_pretty(&whole(&plan))?)?;
        } else {
            lines(&plan, language).iter().try_for_each(|line| say(line))?;
        }
        let all_go = plan.cases.iter().all(|case| case.plan.reasons.is_empty());
        return Ok(if all_go { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    let key = format!("migrate:{}:{}", plan.to.hash.get(..12).unwrap_or_default(), store.clock().now().0);
    let total = plan.cases.len();
    let told = |done: usize| eprint!("\r{done}/{total}{}", if done == total { "\n" } else { "" });
    let done = store.carry_out(&plan, (&Actor::System, &key), told).await?;
    let stayed: Vec<&MigratedCase> = done.iter().filter(|case| case.refused.is_some()).collect();
    if asked.json {
        say(&serde_json::to_string_pretty(&json!({ "moved": done.len() - stayed.len(), "stayed": stayed }))?)?;
    } else {
        for case in &stayed {
            say(&format!("✕ {}  {}", case.case, case.refused.as_ref().map_or("", |why| why.get(language))))?;
        }
        let (moved, left) = (done.len() - stayed.len(), stayed.len());
        say(Text::new(format!("已迁移 {moved} 件，未动 {left} 件"), format!("{moved} cases moved, {left} stayed")).get(language))?;
    }
    Ok(if stayed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn planned(asked: &MigrateArgs, store: &Store) -> anyhow::Result<MigrationPlan> {
    let mut from = Vec::with_capacity(asked.from.len());
    for version in &asked.from {
        from.push(store.version_named(&asked.process, Some(version)).await?);
    }
    let named = (!asked.pilot.is_empty()).then_some(asked.pilot.as_slice());
    if let Some(folder) = &asked.office {
        let (office, _) = load_office(&tongban_adapters::office::read(folder)?);
        let target = office.definitions.get(&asked.process);
        let target =
            target.ok_or_else(|| anyhow::anyhow!("流程 {0} 不存在或有错误 / process {0} does not exist or has errors", asked.process))?;
        let no = store.versions(&asked.process).await?.last().map_or(1, |version| version.no + 1);
        let to = Version { process: asked.process.clone(), no, hash: target.hash.clone(), at: store.clock().now() };
        return Ok(store.plan_for(&to, target, &from, named, None).await?);
    }
    let to = store.version_named(&asked.process, asked.to.as_deref()).await?;
    Ok(if asked.undo { store.plan_undo(&to, None, None).await? } else { store.plan_migration(&to, &from, named, None).await? })
}

/// A plan with its sums, for programs.
fn whole(plan: &MigrationPlan) -> serde_json::Value {
    json!({ "counts": plan.counts(), "reasons": plan.reasons(), "late": plan.late(), "plan": plan })
}

fn version_line(used: &VersionUse) -> Text {
    let VersionUse { version: Version { no, hash, .. }, open, came } = used;
    let short = hash.get(..12).unwrap_or(hash);
    Text::new(
        format!("第 {no} 版  {short}  在办 {open} 件（其中迁入 {came} 件）"),
        format!("version {no}  {short}  {open} open cases, of which {came} came from another version"),
    )
}

fn word(sort: Sort) -> Text {
    match sort {
        Sort::Unchanged => Text::new("不变", "unchanged"),
        Sort::Moved => Text::new("迁移", "moved"),
        Sort::Undecided => Text::new("待决定", "needs a decision"),
        Sort::Refused => Text::new("不能迁移", "refused"),
    }
}

/// The plan for people: sums, clocks, then cases, the worst first.
fn lines(plan: &MigrationPlan, language: Language) -> Vec<String> {
    let Version { no, hash, .. } = &plan.to;
    let short = hash.get(..12).unwrap_or(hash);
    let head = Text::new(format!("{} → 第 {no} 版 {short}", plan.process), format!("{} → version {no} {short}", plan.process));
    let mut lines = vec![head.get(language).to_owned()];
    for (sort, count) in plan.counts() {
        lines.push(format!("  {count:>6}  {}", word(sort).get(language)));
    }
    for (reason, count) in plan.reasons() {
        lines.push(format!("          {count:>6}  {reason}"));
    }
    let late = plan.late();
    lines.push(Text::new(format!("  {late} 件会立即超期"), format!("  {late} cases would be overdue at once")).get(language).to_owned());
    let mut cases: Vec<_> = plan.cases.iter().collect();
    cases.sort_by_key(|case| std::cmp::Reverse(case.plan.sort));
    for case in cases.iter().take(CASES_SHOWN) {
        let name = case.number.as_deref().unwrap_or(&case.plan.case);
        lines.push(format!("{}  {name}  {}", word(case.plan.sort).get(language), case.title));
        lines.extend(case.plan.reasons.iter().map(|reason| format!("    ✕ {}: {}", reason.code, reason.message.get(language))));
        lines.extend(case.plan.late.iter().map(|late| format!("    ! {} {}", late.what, late.id)));
        lines.extend(case.plan.changes.iter().map(|change| format!("    · {}", change.get(language))));
    }
    if cases.len() > CASES_SHOWN {
        let rest = cases.len() - CASES_SHOWN;
        lines.push(Text::new(format!("…另有 {rest} 件，见 --json"), format!("… and {rest} more, see --json")).get(language).to_owned());
    }
    lines
}
