//! `tongban lsp`: a language server over standard input and output, for any editor.
//!
//! One thread: messages are answered in order, and what changed is checked once nothing has come for a moment.

mod place;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use anyhow::Context;
use clap::Args;
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, Response};
use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionOptions, CompletionResponse, Diagnostic, DiagnosticSeverity, DidChangeTextDocumentParams,
    DidCloseTextDocumentParams, DidOpenTextDocumentParams, Documentation, GotoDefinitionResponse, Hover, HoverContents,
    HoverProviderCapability, InitializeParams, Location, MarkupContent, MarkupKind, NumberOrString, OneOf, PublishDiagnosticsParams,
    ServerCapabilities, TextDocumentPositionParams, TextDocumentSyncCapability, TextDocumentSyncKind, Uri,
};
use serde::{Serialize, de::DeserializeOwned};
use tongban_engine::{
    definition::Bundle,
    diagnostic::{Finding, Severity},
    language::{Completion, Desk},
    text::{Language, Text},
};

use super::Spoken;

/// How long nothing must come before the office is checked again.
const QUIET: Duration = Duration::from_millis(200);

/// What `tongban lsp` is given.
#[derive(Debug, Args)]
pub struct LspArgs {
    /// The office's folder; the editor's workspace if absent
    #[arg(long)]
    office: Option<PathBuf>,
    /// Language of findings and explanations; the editor's if absent
    #[arg(long, value_enum)]
    lang: Option<Spoken>,
    /// Taken for editors that say so; standard input and output are the only way
    #[arg(long)]
    stdio: bool,
}

/// Serves until the editor says `exit`.
pub(super) fn run(arguments: &LspArgs) -> anyhow::Result<ExitCode> {
    let (connection, threads) = Connection::stdio();
    let capabilities = ServerCapabilities {
        text_document_sync: Some(TextDocumentSyncCapability::Kind(TextDocumentSyncKind::FULL)),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some([" ", ":", "[", "{", "-"].map(str::to_owned).to_vec()),
            ..CompletionOptions::default()
        }),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        definition_provider: Some(OneOf::Left(true)),
        ..ServerCapabilities::default()
    };
    let asked: InitializeParams = serde_json::from_value(connection.initialize(serde_json::to_value(capabilities)?)?)?;
    let root = arguments.office.clone().or_else(|| place::workspace(&asked)).unwrap_or_else(|| PathBuf::from("."));
    let language = match (arguments.lang, asked.locale.as_deref()) {
        (Some(spoken), _) => spoken.into(),
        (None, Some(locale)) if !locale.starts_with("zh") => Language::En,
        (None, _) => Language::Zh,
    };
    let root = root.canonicalize().with_context(|| root.display().to_string())?;
    // A folder that is no office yet is served all the same: what is opened is all there is.
    let bundle = tongban_adapters::office::read(&root).unwrap_or_else(|_| Bundle::default());
    let mut server = Server { connection, root, language, desk: Desk::new(bundle), told: BTreeSet::new() };
    server.publish()?;
    server.serve()?;
    // The writing thread ends when nobody can send any more.
    drop(server);
    threads.join()?;
    Ok(ExitCode::SUCCESS)
}

struct Server {
    connection: Connection,
    root: PathBuf,
    language: Language,
    desk: Desk,
    /// Files about which something was told, so that it can be taken back.
    told: BTreeSet<String>,
}

impl Server {
    fn serve(&mut self) -> anyhow::Result<()> {
        let mut changed = false;
        loop {
            let message = if changed {
                match self.connection.receiver.recv_timeout(QUIET) {
                    Ok(message) => message,
                    Err(error) if error.is_timeout() => {
                        self.desk.load();
                        self.publish()?;
                        changed = false;
                        continue;
                    }
                    Err(_) => return Ok(()),
                }
            } else {
                let Ok(message) = self.connection.receiver.recv() else { return Ok(()) };
                message
            };
            match message {
                Message::Request(request) => {
                    if self.connection.handle_shutdown(&request)? {
                        return Ok(());
                    }
                    let response = self.answer(request);
                    self.connection.sender.send(Message::Response(response))?;
                }
                Message::Notification(notification) => changed |= self.notice(notification),
                Message::Response(_) => {}
            }
        }
    }

    fn answer(&self, request: Request) -> Response {
        let Request { id, method, params } = request;
        let found = match method.as_str() {
            "textDocument/completion" => self.completion(params),
            "textDocument/hover" => self.hover(params),
            "textDocument/definition" => self.definition(params),
            other => return Response::new_err(id, ErrorCode::MethodNotFound as i32, format!("{other} is not served")),
        };
        match found {
            Ok(result) => Response::new_ok(id, result),
            Err(error) => Response::new_err(id, ErrorCode::InvalidParams as i32, error.to_string()),
        }
    }

    /// The file, line and column, in characters from 0, that a question is about; None for files outside the office.
    fn at(&self, params: &TextDocumentPositionParams) -> Option<(String, usize, usize)> {
        let path = place::path(&self.root, &params.text_document.uri)?;
        let line = usize::try_from(params.position.line).ok()?;
        let content = self.desk.text(&path)?.lines().nth(line).unwrap_or_default();
        Some((path.clone(), line, place::characters(content, params.position.character)))
    }

    fn completion(&self, params: serde_json::Value) -> anyhow::Result<serde_json::Value> {
        let params: lsp_types::CompletionParams = serde_json::from_value(params)?;
        let found = self.at(&params.text_document_position).map(|(path, line, column)| self.desk.complete(&path, line, column));
        let items = found.into_iter().flatten().map(|completion| self.item(&completion)).collect();
        json(CompletionResponse::Array(items))
    }

    fn item(&self, completion: &Completion) -> CompletionItem {
        let kind = if completion.is_key { CompletionItemKind::PROPERTY } else { CompletionItemKind::VALUE };
        CompletionItem {
            label: completion.word.clone(),
            kind: Some(kind),
            insert_text: completion.is_key.then(|| format!("{}: ", completion.word)),
            documentation: Some(Documentation::MarkupContent(self.markup(&completion.text))),
            ..CompletionItem::default()
        }
    }

    fn hover(&self, params: serde_json::Value) -> anyhow::Result<serde_json::Value> {
        let params: lsp_types::HoverParams = serde_json::from_value(params)?;
        let found = self.at(&params.text_document_position_params).and_then(|(path, line, column)| self.desk.hover(&path, line, column));
        json(found.map(|text| Hover { contents: HoverContents::Markup(self.markup(&text)), range: None }))
    }

    fn definition(&self, params: serde_json::Value) -> anyhow::Result<serde_json::Value> {
        let params: lsp_types::GotoDefinitionParams = serde_json::from_value(params)?;
        let at = self.at(&params.text_document_position_params);
        let found = at.and_then(|(path, line, column)| self.desk.definition(&path, line, column));
        let location = found.and_then(|found| {
            let text = self.desk.text(&found.file).unwrap_or_default();
            Some(Location { uri: place::uri(&self.root, &found.file)?, range: place::range(text, found.span) })
        });
        json(location.map(GotoDefinitionResponse::Scalar))
    }

    fn markup(&self, text: &Text) -> MarkupContent {
        MarkupContent { kind: MarkupKind::Markdown, value: text.get(self.language).to_owned() }
    }

    /// Takes in what the editor tells; whether the office has to be checked again.
    fn notice(&mut self, notification: Notification) -> bool {
        let Notification { method, params } = notification;
        match method.as_str() {
            "textDocument/didOpen" => read(params)
                .is_some_and(|opened: DidOpenTextDocumentParams| self.change(&opened.text_document.uri, Some(opened.text_document.text))),
            "textDocument/didChange" => read(params).is_some_and(|changed: DidChangeTextDocumentParams| {
                let text = changed.content_changes.into_iter().last().map(|change| change.text);
                text.is_some_and(|text| self.change(&changed.text_document.uri, Some(text)))
            }),
            // What is closed without saving counts as the disk has it.
            "textDocument/didClose" => {
                read(params).is_some_and(|closed: DidCloseTextDocumentParams| self.read_again(&closed.text_document.uri))
            }
            "workspace/didChangeWatchedFiles" => read(params).is_some_and(|watched: lsp_types::DidChangeWatchedFilesParams| {
                watched.changes.iter().fold(false, |changed, file| self.read_again(&file.uri) | changed)
            }),
            _ => false,
        }
    }

    fn change(&mut self, uri: &Uri, text: Option<String>) -> bool {
        let Some(path) = place::path(&self.root, uri) else { return false };
        self.desk.change(&path, text);
        true
    }

    fn read_again(&mut self, uri: &Uri) -> bool {
        let text = place::path(&self.root, uri).and_then(|path| std::fs::read_to_string(self.root.join(path)).ok());
        self.change(uri, text)
    }

    /// Tells what was found, file by file, and takes back what is found no more.
    fn publish(&mut self) -> anyhow::Result<()> {
        let mut by_file: BTreeMap<String, Vec<Diagnostic>> = self.told.iter().map(|file| (file.clone(), Vec::new())).collect();
        for finding in self.desk.findings() {
            by_file.entry(finding.place.file.to_string()).or_default().push(self.diagnostic(finding));
        }
        self.told = by_file.iter().filter(|(_, found)| !found.is_empty()).map(|(file, _)| file.clone()).collect();
        for (file, diagnostics) in by_file {
            let Some(uri) = place::uri(&self.root, &file) else { continue };
            let params = PublishDiagnosticsParams { uri, diagnostics, version: None };
            let notification = Notification::new("textDocument/publishDiagnostics".to_owned(), params);
            self.connection.sender.send(Message::Notification(notification))?;
        }
        Ok(())
    }

    fn diagnostic(&self, finding: &Finding) -> Diagnostic {
        let text = self.desk.text(&finding.place.file).unwrap_or_default();
        let severity = match finding.severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
            Severity::Note => DiagnosticSeverity::INFORMATION,
        };
        let help = finding.help.as_ref().map(|help| format!("\n{}", help.get(self.language))).unwrap_or_default();
        Diagnostic {
            range: place::range(text, finding.place.span),
            severity: Some(severity),
            code: Some(NumberOrString::String(finding.code.to_owned())),
            source: Some("tongban".to_owned()),
            message: format!("{}{help}", finding.message.get(self.language)),
            ..Diagnostic::default()
        }
    }
}

fn read<T: DeserializeOwned>(params: serde_json::Value) -> Option<T> {
    serde_json::from_value(params).ok()
}

fn json(value: impl Serialize) -> anyhow::Result<serde_json::Value> {
    Ok(serde_json::to_value(value)?)
}
