//! `tongban lsp`, driven by the messages that an editor sends.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    process::{Child, ChildStdin, ChildStdout, Stdio},
};

use serde_json::{Value, json};

use crate::rig::Office;

const HIRE: &str = "workflows/hall/hire/process.yaml";

/// An editor with an office open.
struct Editor {
    office: Office,
    server: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    asked: u64,
}

impl Editor {
    fn open() -> Self {
        let office = Office::open();
        let mut server = office.command(&["lsp"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (input, output) = (server.stdin.take().unwrap(), BufReader::new(server.stdout.take().unwrap()));
        let mut editor = Self { office, server, input, output, asked: 0 };
        let folders = json!([{"uri": editor.uri(""), "name": "office"}]);
        let answer = editor.ask("initialize", &json!({"capabilities": {}, "workspaceFolders": folders, "locale": "en"}));
        assert!(answer["capabilities"]["hoverProvider"] == true, "{answer}");
        editor.tell("initialized", &json!({}));
        editor
    }

    fn uri(&self, path: &str) -> String {
        format!("file://{}", self.office.file(path).canonicalize().unwrap().display())
    }

    fn send(&mut self, message: &Value) {
        let body = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        self.input.flush().unwrap();
    }

    fn tell(&mut self, method: &str, params: &Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.asked += 1;
        let id = self.asked;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        loop {
            let message = self.next();
            if message["id"] == id {
                assert!(message.get("error").is_none(), "{message}");
                return message["result"].clone();
            }
        }
    }

    fn next(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(self.output.read_line(&mut line).unwrap() > 0, "the server has ended");
            match line.trim() {
                "" => break,
                line => length = line.strip_prefix("Content-Length: ").map_or(length, |number| number.parse().unwrap()),
            }
        }
        let mut body = vec![0; length];
        self.output.read_exact(&mut body).unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    /// The next diagnostics of a file.
    fn diagnostics(&mut self, path: &str) -> Vec<Value> {
        loop {
            let message = self.next();
            if message["method"] == "textDocument/publishDiagnostics" && message["params"]["uri"].as_str().unwrap().ends_with(path) {
                return message["params"]["diagnostics"].as_array().unwrap().clone();
            }
        }
    }

    /// Opens a file with another text than it has; the position of `|` in it is the cursor.
    fn write(&mut self, path: &str, from: &str, to: &str) -> Value {
        let text = fs::read_to_string(self.office.file(path)).unwrap();
        assert_eq!(text.matches(from).count(), 1, "{from:?}");
        let text = text.replace(from, to);
        let before = text.split('|').next().unwrap().to_owned();
        let text = text.replacen('|', "", 1);
        let uri = self.uri(path);
        self.tell("textDocument/didOpen", &json!({"textDocument": {"uri": uri, "languageId": "yaml", "version": 1, "text": text}}));
        let line = before.matches('\n').count();
        let character = before.rsplit('\n').next().unwrap().encode_utf16().count();
        json!({"textDocument": {"uri": uri}, "position": {"line": line, "character": character}})
    }

    fn completes(&mut self, path: &str, from: &str, to: &str) -> Vec<String> {
        let at = self.write(path, from, to);
        let items = self.ask("textDocument/completion", &at);
        items.as_array().unwrap().iter().map(|item| item["label"].as_str().unwrap().to_owned()).collect()
    }

    fn close(mut self) {
        self.ask("shutdown", &Value::Null);
        self.tell("exit", &Value::Null);
        assert!(self.server.wait().unwrap().success());
    }
}

#[test]
fn findings_come_as_one_types_and_go_when_it_is_mended() {
    let mut editor = Editor::open();
    editor.write(HIRE, "    lane: keeper\n", "    lane: keepr|\n");
    let found = editor.diagnostics(HIRE);
    let lane = found.iter().find(|found| found["code"] == "R001").unwrap_or_else(|| panic!("{found:?}"));
    assert_eq!(lane["severity"], 1);
    assert_eq!(lane["range"]["start"], json!({"line": 25, "character": 10}));
    assert!(lane["message"].as_str().unwrap().contains("did you mean `keeper`?"), "{lane}");
    let text = fs::read_to_string(editor.office.file(HIRE)).unwrap();
    let uri = editor.uri(HIRE);
    editor.tell("textDocument/didChange", &json!({"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": text}]}));
    assert_eq!(editor.diagnostics(HIRE), Vec::<Value>::new());
    editor.close();
}

#[test]
fn ids_fields_roles_operations_and_keys_are_completed() {
    let mut editor = Editor::open();
    let cases: [(&str, &str, &[&str], &[&str]); 8] = [
        ("    lane: keeper\n", "    lane: |\n", &["asker", "keeper"], &["look"]),
        ("to: refused, require", "to: |, require", &["refused", "rate", "ready"], &["keeper"]),
        ("edit: [hall_remark]", "edit: [hall_remark, ha|]", &["hall_guests", "hall_level"], &["refused"]),
        ("{name: {zh: 场馆管理员, en: Keeper}, role: keeper}", "{name: 场馆管理员, role: |}", &["clerk", "inspector"], &["asker"]),
        ("    due: 2wd\n", "    due: 2wd\n    op|\n", &["operations"], &["boundary"]),
        ("    due: 2wd\n", "    operations: {allow: [tr|]}\n", &["transfer"], &["urge"]),
        ("  - endEvent: used\n", "  - |\n  - endEvent: used\n", &["userTask", "endEvent", "subProcess"], &["lane"]),
        ("when: hall_level == \"large\"", "when: hall_|", &["hall_level", "hall_guests"], &["refused"]),
    ];
    for (from, to, has, has_not) in cases {
        let found = editor.completes(HIRE, from, to);
        for word in has {
            assert!(found.iter().any(|label| label == word), "{to:?} lacks {word}: {found:?}");
        }
        for word in has_not {
            assert!(!found.iter().any(|label| label == word), "{to:?} has {word}: {found:?}");
        }
    }
    editor.close();
}

#[test]
fn keys_fields_and_roles_explain_themselves() {
    let mut editor = Editor::open();
    let cases = [
        ("    due: 2wd", "    d|ue: 2wd", "limit of the step"),
        ("edit: [hall_remark]", "edit: [hall_re|mark]", "basis: 场馆管理办法 第四条"),
        ("{name: {zh: 场馆管理员, en: Keeper}, role: keeper}", "{name: 场馆管理员, role: kee|per}", "role · Keeper"),
        ("  - userTask: look", "  - user|Task: look", "user task"),
        ("when: hall_level ==", "when: hall_le|vel ==", "data name · text"),
    ];
    for (from, to, told) in cases {
        let at = editor.write(HIRE, from, to);
        let hover = editor.ask("textDocument/hover", &at);
        assert!(hover["contents"]["value"].as_str().unwrap_or_default().contains(told), "{to:?}: {hover}");
    }
    editor.close();
}

#[test]
fn names_lead_to_where_they_are_declared() {
    let mut editor = Editor::open();
    let cases = [
        ("to: refused, require", "to: ref|used, require", HIRE, 57),
        ("    lane: keeper\n", "    lane: kee|per\n", HIRE, 8),
        ("{use: hall-request", "{use: hall-re|quest", "forms/hall-request.yaml", 0),
        ("role: keeper}", "role: kee|per}", "workflows/roles.yaml", 2),
        ("process: hall-inspection", "process: hall-ins|pection", "workflows/hall/inspection/process.yaml", 0),
        ("decision: hall-level", "decision: hall-le|vel", "workflows/hall/hire/decisions/hall-level.yaml", 0),
        ("show: all, edit: [hall_remark]", "show: all, edit: [hall_gue|sts]", "forms/fields/hall.yaml", 1),
    ];
    for (from, to, file, line) in cases {
        let at = editor.write(HIRE, from, to);
        let found = editor.ask("textDocument/definition", &at);
        assert!(found["uri"].as_str().unwrap_or_default().ends_with(file), "{to:?}: {found}");
        assert_eq!(found["range"]["start"]["line"], line, "{to:?}: {found}");
    }
    editor.close();
}
