//! Writes a random process as a designer would.

use std::fmt::Write;

use super::{Block, Boundary, CALLED, Complete, office::SHARED};

/// The text so far.
#[derive(Default)]
pub(crate) struct Writer {
    pub(crate) text: String,
    count: u32,
    pub(crate) messages: Vec<String>,
}

impl Writer {
    fn line(&mut self, pad: usize, line: &str) {
        writeln!(self.text, "{:pad$}{line}", "").unwrap();
    }

    fn id(&mut self, letter: &str) -> String {
        self.count += 1;
        format!("{letter}{}", self.count)
    }

    fn message(&mut self, of: &str) -> String {
        let name = format!("m_{of}");
        self.messages.push(name.clone());
        name
    }

    pub(crate) fn block(&mut self, block: &Block, pad: usize) {
        match block {
            Block::Sequence(blocks) => blocks.iter().for_each(|block| self.block(block, pad)),
            Block::User { boundary, again } => {
                let id = self.id("user");
                self.line(pad, &format!("- userTask: {id}"));
                self.by_somebody(pad + 2);
                let back = if *again { format!(", again: {{name: 再来, to: {id}}}") } else { String::new() };
                self.line(pad + 2, &format!("actions: {{go: {{name: 去}}{back}}}"));
                self.boundary(*boundary, &id, pad + 2);
            }
            Block::Script => {
                let id = self.id("script");
                self.line(pad, &format!("- scriptTask: {id}"));
                self.line(pad + 2, "script: count = count + 1");
            }
            Block::Receive { boundary } => {
                let id = self.id("receive");
                let message = self.message(&id);
                self.line(pad, &format!("- receiveTask: {id}"));
                self.line(pad + 2, &format!("message: {message}"));
                self.boundary(*boundary, &id, pad + 2);
            }
            Block::Pause => {
                let id = self.id("pause");
                self.line(pad, &format!("- intermediateCatchEvent: {id}"));
                self.line(pad + 2, "timer: {after: 1wd}");
            }
            Block::Service { boundary } => {
                let id = self.id("service");
                self.line(pad, &format!("- serviceTask: {id}"));
                self.line(pad + 2, "operation: trial.work");
                self.line(pad + 2, "retry: 2");
                self.boundary(*boundary, &id, pad + 2);
            }
            Block::EachTask { complete, boundary } => {
                let id = self.id("each");
                self.line(pad, &format!("- userTask: {id}"));
                self.by_somebody(pad + 2);
                self.each(*complete, pad + 2);
                self.line(pad + 2, "actions: {go: {name: 去}, also: {name: 也去}}");
                self.boundary(*boundary, &id, pad + 2);
            }
            Block::Choice(a, b) => self.gateway("exclusive", [("when: count % 2 == 0", a), ("otherwise: true", b)], pad),
            Block::Both(a, b) => {
                // What comes before may be left in several ways, which a parallel gateway would wait for all of.
                let merge = self.id("merge");
                self.line(pad, &format!("- exclusiveGateway: {merge}"));
                self.gateway("parallel", [("", a), ("", b)], pad);
            }
            Block::Inside { body, boundary, beside } => {
                let id = self.id("inside");
                self.line(pad, &format!("- subProcess: {id}"));
                self.boundary(*boundary, &id, pad + 2);
                self.line(pad + 2, "do:");
                self.block(body, pad + 4);
                if let Some(interrupting) = beside {
                    self.line(pad + 2, "eventSubProcesses:");
                    self.beside(&id, *interrupting, pad + 4);
                }
            }
            Block::EachInside { body, complete, boundary } => {
                let id = self.id("insides");
                self.line(pad, &format!("- subProcess: {id}"));
                self.each(*complete, pad + 2);
                self.boundary(*boundary, &id, pad + 2);
                self.line(pad + 2, "do:");
                self.block(body, pad + 4);
            }
            _ => self.lively(block, pad),
        }
    }

    /// Whose task it is, and that every operation on it is allowed.
    fn by_somebody(&mut self, pad: usize) {
        self.line(pad, "lane: desk");
        self.line(pad, "operations: {preset: cn-approval}");
        self.line(pad, "return: {to: any}");
    }

    fn lively(&mut self, block: &Block, pad: usize) {
        match block {
            Block::Call { boundary } => {
                let id = self.id("call");
                self.line(pad, &format!("- callActivity: {id}"));
                self.line(pad + 2, &format!("process: {CALLED}"));
                self.boundary(*boundary, &id, pad + 2);
            }
            Block::Hail => self.plain("intermediateThrowEvent", "hail", "signal: alarm", pad),
            Block::Listen => self.plain("intermediateCatchEvent", "listen", "signal: alarm", pad),
            Block::Tell => self.plain("intermediateThrowEvent", "tell", &format!("message: {SHARED}"), pad),
            Block::Hear => self.plain("receiveTask", "hear", &format!("message: {SHARED}"), pad),
            Block::First => {
                let id = self.id("first");
                let message = self.message(&id);
                self.line(pad, &format!("- eventBasedGateway: {id}"));
                self.line(pad + 2, "branches:");
                self.line(pad + 4, &format!("- do: [{{intermediateCatchEvent: {id}_told, message: {message}}}]"));
                self.line(pad + 4, &format!("- do: [{{intermediateCatchEvent: {id}_late, timer: {{after: 1wd}}}}]"));
            }
            Block::Some(a, b) => {
                self.gateway("inclusive", [("when: count >= 0", a), ("when: count % 2 == 0", b)], pad);
                self.line(pad + 4, "- otherwise: true");
            }
            Block::Undo => {
                let id = self.id("act");
                self.line(pad, &format!("- scriptTask: {id}"));
                self.line(pad + 2, "script: count = count + 1");
                let handler = format!("{{userTask: {id}_undoing, lane: desk, actions: {{go: {{name: 去}}}}}}");
                self.line(pad + 2, &format!("boundary: [{{boundaryEvent: {id}_undo, compensation: true, do: [{handler}]}}]"));
                self.line(pad, &format!("- intermediateThrowEvent: {id}_back"));
                self.line(pad + 2, &format!("compensate: {id}"));
            }
            Block::Try(body) => {
                let id = self.id("try");
                self.line(pad, &format!("- subProcess: {id}"));
                self.line(pad + 2, &format!("boundary: [{{boundaryEvent: {id}_caught, error: broken, do: [{{scriptTask: {id}_mended, script: count = count + 1}}]}}]"));
                self.line(pad + 2, "do:");
                self.block(body, pad + 4);
                self.line(pad + 4, &format!("- exclusiveGateway: {id}_well"));
                self.line(pad + 6, "branches:");
                self.line(pad + 8, &format!("- {{when: count % 2 == 1, do: [{{endEvent: {id}_fails, error: broken}}]}}"));
                self.line(pad + 8, "- otherwise: true");
            }
            _ => {}
        }
    }

    /// An element with one key.
    fn plain(&mut self, word: &str, letter: &str, key: &str, pad: usize) {
        let id = self.id(letter);
        self.line(pad, &format!("- {word}: {id}"));
        self.line(pad + 2, key);
    }

    fn gateway(&mut self, kind: &str, branches: [(&str, &Block); 2], pad: usize) {
        let id = self.id(kind);
        self.line(pad, &format!("- {kind}Gateway: {id}"));
        self.line(pad + 2, "branches:");
        for (head, block) in branches {
            if head.is_empty() {
                self.line(pad + 4, "- do:");
            } else {
                self.line(pad + 4, &format!("- {head}"));
                self.line(pad + 6, "do:");
            }
            self.block(block, pad + 8);
        }
    }

    fn each(&mut self, complete: Complete, pad: usize) {
        let complete = match complete {
            Complete::All => "all",
            Complete::Any => "any",
            Complete::Half => "1/2",
            Complete::Expression => "completed >= 2",
        };
        self.line(pad, &format!("multiInstance: {{parallel: {{part: parts}}, complete: {complete}}}"));
    }

    pub(crate) fn beside(&mut self, of: &str, interrupting: bool, pad: usize) {
        let message = self.message(&format!("{of}_beside"));
        self.line(pad, &format!("- eventSubProcess: {of}_beside"));
        self.line(pad + 2, &format!("start: {{message: {message}, interrupting: {interrupting}}}"));
        self.line(pad + 2, "do:");
        self.block(&Block::User { boundary: Boundary::None, again: false }, pad + 4);
        self.line(pad, &format!("- eventSubProcess: {of}_daily"));
        self.line(pad + 2, "start: {timer: {every: 1d, times: 2}, interrupting: false}");
        self.line(pad + 2, "do:");
        self.block(&Block::Script, pad + 4);
    }

    fn boundary(&mut self, boundary: Boundary, of: &str, pad: usize) {
        let (trigger, interrupting) = match boundary {
            Boundary::None => return,
            Boundary::Timer => ("timer: {after: 2wd}".to_owned(), true),
            Boundary::Cycle => ("timer: {every: 1d, times: 2}".to_owned(), false),
            Boundary::Message => (format!("message: {}", self.message(&format!("{of}_event"))), true),
            Boundary::Notice => (format!("message: {}", self.message(&format!("{of}_event"))), false),
        };
        self.line(pad, "boundary:");
        self.line(pad + 2, &format!("- boundaryEvent: {of}_event"));
        self.line(pad + 4, &trigger);
        self.line(pad + 4, &format!("interrupting: {interrupting}"));
        self.line(pad + 4, "do:");
        self.block(&Block::Script, pad + 6);
        self.block(&Block::User { boundary: Boundary::None, again: false }, pad + 6);
    }
}
