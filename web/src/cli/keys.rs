//! `tongban keys`: what keys there are, whether they open, new ones, and the end of one. All may run beside a server.

use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use tongban_adapters::{
    seal::Algorithm,
    store::{EraseError, Erasure, KeyStock, Progress, Rotation, Store},
};
use tongban_engine::text::{Language, Text};

use super::{records::StoreArgs, say};

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// List root keys with their check values, keys of units and years, and how many data keys stand below each
    List {
        #[command(flatten)]
        place: StoreArgs,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Open every key there is; exit status 1 if one does not open
    Check {
        #[command(flatten)]
        place: StoreArgs,
    },
    /// Make new root and unit keys and wrap every data key anew, while everything goes on
    Rotate(RotateArgs),
    /// Destroy the data key of whom a case is about: everything sensitive that is kept of her is gone for good
    Erase(EraseArgs),
    /// Forbid that a data key is destroyed, or allow it again
    Hold(HoldArgs),
}

/// What is to be rotated.
#[derive(Debug, Args)]
pub struct RotateArgs {
    #[command(flatten)]
    place: StoreArgs,
    /// Person who answers for it
    #[arg(long)]
    by: String,
    /// Cipher from now on; what is sealed already stays as it is
    #[arg(long, value_enum)]
    cipher: Option<Cipher>,
    /// Make no new keys: finish a rotation that was interrupted, and drop what it replaced
    #[arg(long)]
    resume: bool,
    /// Take old root keys out of the key file once they wrap nothing; backups made before cannot be restored with it then
    #[arg(long)]
    retire: bool,
}

/// A cipher, as the command line names it.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Cipher {
    /// SM4-GCM (RFC 8998)
    Sm4gcm,
    /// AES-256-GCM
    Aes256gcm,
}

/// Whose key, by whom and why.
#[derive(Debug, Args)]
pub struct EraseArgs {
    /// Number or identifier of one of her cases; every case about her must have ended
    of: String,
    #[command(flatten)]
    place: StoreArgs,
    /// Person who answers for it; stands in the audit and on the certificate
    #[arg(long)]
    by: String,
    /// Why: the article, the request
    #[arg(long)]
    reason: String,
}

/// Whose key, by whom and why.
#[derive(Debug, Args)]
pub struct HoldArgs {
    /// Number or identifier of one of her cases
    of: String,
    #[command(flatten)]
    place: StoreArgs,
    /// Person who orders it
    #[arg(long)]
    by: String,
    /// Why
    #[arg(long, required_unless_present = "lift")]
    reason: Option<String>,
    /// Lift it
    #[arg(long, conflicts_with = "reason")]
    lift: bool,
}

impl KeysCommand {
    fn place(&self) -> &StoreArgs {
        match self {
            Self::List { place, .. } | Self::Check { place } => place,
            Self::Rotate(asked) => &asked.place,
            Self::Erase(asked) => &asked.place,
            Self::Hold(asked) => &asked.place,
        }
    }
}

/// Carries it out; exit status 1 if a key does not open, or if it is refused.
pub(super) fn run(command: &KeysCommand) -> anyhow::Result<ExitCode> {
    super::records::runtime()?.block_on(async {
        let store = command.place().open().await?;
        let outcome = carry_out(command, &store, command.place().lang.into()).await;
        store.close().await;
        outcome
    })
}

async fn carry_out(command: &KeysCommand, store: &Store, language: Language) -> anyhow::Result<ExitCode> {
    match command {
        KeysCommand::List { json, .. } => {
            let stock = store.key_stock().await?;
            if *json {
                say(&serde_json::to_string_pretty(&stock)?)?;
            } else {
                lines(&stock, language).iter().try_for_each(|line| say(line))?;
            }
        }
        KeysCommand::Check { .. } => {
            let faults = store.check_keys().await?;
            for fault in &faults {
                say(&format!("✕ {}: {}", fault.of, fault.what.get(language)))?;
            }
            let count = faults.len();
            say(Text::new(format!("打不开的密钥 {count} 把"), format!("{count} keys do not open")).get(language))?;
            return Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        KeysCommand::Rotate(asked) => {
            let algorithm = asked.cipher.map(|cipher| match cipher {
                Cipher::Sm4gcm => Algorithm::Sm4Gcm,
                Cipher::Aes256gcm => Algorithm::Aes256Gcm,
            });
            let rotation = Rotation { by: asked.by.clone(), resume: asked.resume, algorithm, retire: asked.retire };
            let told = |progress: &Progress| eprint!("\r{} / {}", progress.rewrapped, progress.seen);
            let done = store.rotate_keys(&rotation, told).await?;
            eprintln!();
            say(rotated(&done).get(language))?;
        }
        KeysCommand::Erase(asked) => {
            let erasure = Erasure { of: asked.of.clone(), by: asked.by.clone(), reason: asked.reason.clone() };
            return refused_or(store.erase(&erasure).await.map(|erased| erased.certificate), language);
        }
        KeysCommand::Hold(asked) => {
            let held = store.hold(&asked.of, &asked.by, asked.reason.as_deref().filter(|_| !asked.lift)).await;
            let told = |subject: String| {
                if asked.lift {
                    Text::new(format!("{subject} 的密钥可以销毁"), format!("the key of {subject} may be destroyed"))
                } else {
                    Text::new(format!("{subject} 的密钥不得销毁"), format!("the key of {subject} may not be destroyed"))
                }
            };
            return refused_or(held.map(|subject| told(subject).get(language).to_owned()), language);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn refused_or(done: Result<String, EraseError>, language: Language) -> anyhow::Result<ExitCode> {
    let why = match done {
        Ok(text) => {
            say(&text)?;
            return Ok(ExitCode::SUCCESS);
        }
        Err(EraseError::Store(error)) => return Err(error.into()),
        Err(EraseError::Unknown(of)) => Text::new(format!("没有办件 {of}"), format!("there is no case {of}")),
        Err(EraseError::Gone(of)) => Text::new(format!("{of} 的密钥已经销毁"), format!("the key of {of} was destroyed before")),
        Err(EraseError::Open(cases)) => {
            let cases = cases.join(", ");
            Text::new(format!("还有办件没有办结：{cases}"), format!("cases are still open: {cases}"))
        }
        Err(EraseError::Undelivered(count)) => Text::new(
            format!("还有 {count} 项没有送达：等它们送达，或者在投递页处理"),
            format!("{count} deliveries are still to be made: wait for them, or mend them on the page of deliveries"),
        ),
        Err(EraseError::Held(hold)) => Text::new(
            format!("依法留存，不得销毁：{}（{}）", hold.reason, hold.by),
            format!("under legal hold: {} ({})", hold.reason, hold.by),
        ),
    };
    say(&format!("✕ {}", why.get(language)))?;
    Ok(ExitCode::FAILURE)
}

fn lines(stock: &KeyStock, language: Language) -> Vec<String> {
    let mut lines = Vec::new();
    for root in &stock.roots {
        let units = stock.units.iter().filter(|unit| unit.root == root.id).count();
        let mark = if root.current { "●" } else { "○" };
        let text = Text::new(format!("其下单位密钥 {units} 把"), format!("{units} unit keys below"));
        lines.push(format!("{mark} {}  {}  {}", root.id, root.check, text.get(language)));
    }
    for unit in &stock.units {
        let text = Text::new(format!("其下数据密钥 {} 把", unit.data_keys), format!("{} data keys below", unit.data_keys));
        lines.push(format!("  {}  {}  {}", unit.name, unit.root, text.get(language)));
    }
    let KeyStock { subjects, cases, erased, unlayered, .. } = stock;
    let sum = Text::new(
        format!("人和组织的数据密钥 {subjects} 把，单个办件的 {cases} 把；已销毁 {erased} 把；直接在根密钥下的 {unlayered} 把"),
        format!(
            "{subjects} data keys of people and organisations, {cases} of single cases; {erased} destroyed; {unlayered} directly under a root key"
        ),
    );
    lines.push(sum.get(language).to_owned());
    lines.extend(stock.holds.iter().map(|hold| format!("⚑ {}  {}  {}", hold.subject, hold.by, hold.reason)));
    lines
}

fn rotated(done: &Progress) -> Text {
    let Progress { root, rewrapped, dropped, retired, .. } = done;
    let retired = retired.len();
    Text::new(
        format!("根密钥 {root}；重新包裹 {rewrapped} 把，删去被替换的单位密钥 {dropped} 把、根密钥 {retired} 把"),
        format!("root key {root}; {rewrapped} keys wrapped anew, {dropped} replaced unit keys and {retired} root keys dropped"),
    )
}
