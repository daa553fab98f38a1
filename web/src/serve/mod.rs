//! `tongban serve` and `tongban one-net`: from the command line to something that answers.

mod demo;
mod first_start;
mod ground;
mod one_net;
mod run;
mod slip;

use std::{
    io::IsTerminal,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Args, ValueEnum};
pub(crate) use demo::FILE as DEMO_ORGANISATION;
pub use one_net::{OneNetArgs, one_net};
use tongban_adapters::{accounts::Passwords, files::Clamd};
use tracing_subscriber::EnvFilter;

/// How the office is run.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Where data is kept: sqlite://PATH or postgres://…; SQLite in the data folder if absent
    #[arg(long)]
    pub store: Option<String>,
    /// Folder for the database, attachments and keys
    #[arg(long, default_value = "data")]
    pub data: PathBuf,
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// The office's folder, with `workflows/` and `forms/`; the working folder if it has them, else what is built in
    #[arg(long)]
    pub office: Option<PathBuf>,
    /// Address of the One-Net platform; without it, nothing is sent there
    #[arg(long)]
    pub one_net: Option<String>,
    /// Keys shared with the platform; `one-net.keys` in the data folder if absent, made if there is none
    #[arg(long)]
    pub one_net_keys: Option<PathBuf>,
    /// Certificate authority (PEM) that vouches for an https platform, besides those that browsers trust
    #[arg(long)]
    pub one_net_authority: Option<PathBuf>,
    /// YAML file with the mail server; without it, mail is written to files in the data folder
    #[arg(long)]
    pub mail: Option<PathBuf>,
    /// What passwords must be like: OWASP ASVS, or 等保三级 (which demands a second factor of everybody)
    #[arg(long, value_enum, default_value_t = PasswordProfile::Intl)]
    pub passwords: PasswordProfile,
    /// YAML file with the identity platform that people may log in through; `oidc.yaml` in the data folder if there is one
    #[arg(long)]
    pub oidc: Option<PathBuf>,
    /// Address of a proxy in front whose X-Forwarded-For is believed; may be given more than once
    #[arg(long)]
    pub proxy: Vec<IpAddr>,
    /// Address of ClamAV's daemon, which scans attachments: unix:/path or tcp:host:port; without it they are not scanned
    #[arg(long)]
    pub clamd: Option<Clamd>,
    /// Open no attachment that was not scanned, even without --clamd
    #[arg(long)]
    pub hold_unscanned: bool,
    /// File that every row of the audit is copied to, a line of JSON each; best on another machine's append-only drive
    #[arg(long)]
    pub audit_copy: Option<PathBuf>,
    /// Start a clock that stands still at this moment and is turned by POST /test/clock; for tests and demonstrations
    #[arg(long)]
    pub now: Option<String>,
    /// Set up the demonstration office, and make its accounts
    #[arg(long)]
    pub demo: bool,
    /// The office is reached over https (a proxy in front): cookies say so
    #[arg(long)]
    pub https: bool,
    /// Form of the log
    #[arg(long, value_enum, default_value_t = LogForm::Text)]
    pub log: LogForm,
}

/// Profile for passwords and what belongs to them.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum PasswordProfile {
    /// OWASP ASVS 5.0.
    Intl,
    /// 等保三级 (GB/T 22239-2019).
    Djcp3,
}

impl From<PasswordProfile> for Passwords {
    fn from(profile: PasswordProfile) -> Self {
        match profile {
            PasswordProfile::Intl => Self::Intl,
            PasswordProfile::Djcp3 => Self::Djcp3,
        }
    }
}

/// Form of the log.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum LogForm {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// Runs the office until it is told to stop.
///
/// # Errors
/// If it cannot start. A definition with mistakes is an exit status of 1, with all findings printed.
pub fn serve(arguments: ServeArgs) -> anyhow::Result<ExitCode> {
    log(arguments.log);
    runtime()?.block_on(run::run(arguments))
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}

/// Warnings and errors unless `RUST_LOG` says otherwise; requests are logged by path, never with what was sent.
fn log(form: LogForm) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,tongban=info"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    match form {
        LogForm::Text => lines.with_target(false).init(),
        LogForm::Json => lines.json().init(),
    }
}
