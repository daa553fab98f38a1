//! README is true: its process is written, checked, told and drawn as it says, its mistakes are found as it shows them,
//! and its tables of codes, flags and folders are complete.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tongban_adapters::{
    identity_platform::{BindBy, IdentitySettings, RETURN_PATH},
    mail::MailSettings,
    one_net::simulator::Misbehaviour,
};
use tongban_engine::{diagnostic::CODES, interpreter::Rejection, text::Text};
use tongban_tests::office::root;
use tongban_web::error::Problem;

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).expect("README.md")
}

/// A code block, and the file name that stands before it, if one does.
struct Block {
    file: Option<String>,
    language: String,
    text: String,
}

fn blocks(readme: &str) -> Vec<Block> {
    let (mut found, mut open, mut before) = (Vec::new(), None::<Block>, "");
    for line in readme.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(language)) => {
                let file = before.strip_prefix('`').and_then(|name| name.strip_suffix('`')).map(str::to_owned);
                open = Some(Block { file, language: language.to_owned(), text: String::new() });
            }
            (Some(_), Some(_)) => found.extend(open.take()),
            (Some(block), None) => block.text.extend([line, "\n"]),
            (None, None) if !line.is_empty() => before = line,
            (None, None) => {}
        }
        if line.starts_with("```") {
            before = "";
        }
    }
    assert!(open.is_none(), "README.md has a code block without an end");
    found
}

/// The part under a heading, up to the next one of the same or a higher level.
fn part<'a>(readme: &'a str, heading: &str) -> &'a str {
    let (level, _) = heading.split_once(' ').expect("a heading has a level and a text");
    let begin = readme.find(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("README.md has no heading `{heading}`"));
    let rest = &readme[begin + heading.len() + 2..];
    let next = rest.match_indices("\n#").map(|(at, _)| at).find(|at| {
        let hashes = rest[at + 1..].split(' ').next().unwrap_or_default();
        hashes.len() <= level.len() && hashes.chars().all(|letter| letter == '#')
    });
    next.map_or(rest, |next| &rest[..next])
}

/// The first cells of a table's rows, without backticks, each with the other cells.
fn rows(part: &str) -> BTreeMap<String, Vec<String>> {
    let lines = part.lines().filter_map(|line| line.strip_prefix('|')).skip_while(|line| !line.starts_with("---")).skip(1);
    lines
        .map(|line| {
            let mut cells = line.trim_end_matches('|').split(" | ").map(|cell| cell.trim().trim_matches('`').to_owned());
            (cells.next().unwrap_or_default(), cells.collect())
        })
        .collect()
}

/// The built command: of `TONGBAN_BIN`, or beside this test.
pub(crate) fn tongban() -> PathBuf {
    let beside = || env::current_exe().ok()?.parent()?.parent().map(|folder| folder.join("tongban"));
    let path = env::var_os("TONGBAN_BIN").map(PathBuf::from).or_else(beside).expect("this test lies in a folder");
    assert!(path.is_file(), "{} is not there; build it: cargo build --bin tongban", path.display());
    path
}

/// A folder with what the commands of README take from the repository.
fn checkout() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (from, to) = (root().join("forms/calendars"), folder.path().join("forms/calendars"));
    fs::create_dir_all(&to).expect("a folder");
    for entry in fs::read_dir(from).expect("forms/calendars").flatten() {
        fs::copy(entry.path(), to.join(entry.file_name())).expect("a calendar");
    }
    folder
}

/// What a shell in `folder` prints for `line`.
fn shell(folder: &Path, line: &str) -> String {
    let mut path = vec![tongban().parent().expect("a file has a folder").to_path_buf()];
    path.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    let path = env::join_paths(path).expect("PATH");
    let output = Command::new("sh").args(["-c", line]).current_dir(folder).env("PATH", path).output().expect("a shell");
    assert!(output.stderr.is_empty(), "$ {line}\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder");
    fs::write(path, text).expect("a file");
}

/// Does what README says up to its end: writes the files, gives the commands, compares what they print.
fn follow(folder: &Path, readme: &str) -> usize {
    let mut given = 0;
    for block in blocks(readme) {
        match (&block.file, block.language.as_str()) {
            (Some(file), _) => write(folder, file, &block.text),
            (None, "console") => {
                for told in block.text.split("$ ").filter(|told| !told.is_empty()) {
                    let (line, expected) = told.split_once('\n').expect("a command ends its line");
                    assert_eq!(shell(folder, line), expected, "$ {line}");
                    given += 1;
                }
            }
            _ => {}
        }
    }
    given
}

#[test]
fn ten_minutes_are_as_told() {
    let (folder, readme) = (checkout(), readme());
    assert!(follow(folder.path(), &readme) >= 8, "the commands are no longer found");
    let svg = fs::read_to_string(folder.path().join("seal-use.svg")).expect("the picture");
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"), "{svg}");

    let serve = part(&readme, "## Write your own process in ten minutes");
    let serve = blocks(serve).into_iter().find(|block| block.language == "sh").expect("a command that serves");
    let mut words = serve.text.split_whitespace();
    assert_eq!(words.next(), Some("tongban"));
    let mut command = Command::new(tongban());
    let mut office = command
        .args(words)
        .args(["--listen", "127.0.0.1:0"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the office starts");
    // kept open until the end: a closed pipe would be an error of the office
    let mut lines = BufReader::new(office.stdout.take().expect("its output")).lines();
    let printed: Vec<String> = lines.by_ref().map_while(Result::ok).take_while(|line| !line.starts_with("ben ")).collect();
    let running = office.try_wait().expect("its state").is_none();
    office.kill().expect("it stops");
    office.wait().expect("it has stopped");
    drop(lines);
    let told = |start: &str| printed.iter().any(|line| line.starts_with(start));
    assert!(running && told("通办 Tongban: http://") && told("ann "), "{printed:#?}");
}

#[test]
fn every_rejection_is_listed_with_its_status() {
    let source = fs::read_to_string(root().join("engine/src/interpreter/rejection.rs")).expect("the codes");
    let codes = source.lines().filter_map(|line| line.trim().strip_prefix("pub const ")?.split('"').nth(1));
    let codes: BTreeMap<String, String> = codes
        .map(|code| {
            let problem = Problem::from(Rejection::new(code, Text::zh("")));
            (code.to_owned(), problem.status.as_u16().to_string())
        })
        .collect();
    let readme = readme();
    let (_, table) = part(&readme, "## Error codes").split_once("**Rejections**").expect("a paragraph about rejections");
    let listed: BTreeMap<String, String> = rows(table).into_iter().map(|(code, cells)| (code, cells[0].clone())).collect();
    assert_eq!(listed, codes);
}

#[test]
fn every_group_of_findings_is_listed() {
    let readme = readme();
    let (table, _) = part(&readme, "## Error codes").split_once("**Rejections**").expect("a paragraph about rejections");
    let groups: BTreeSet<String> = CODES.iter().filter_map(|code| code.code.get(..1)).map(str::to_owned).collect();
    assert_eq!(rows(table).into_keys().collect::<BTreeSet<_>>(), groups);
}

#[test]
fn every_flag_is_listed() {
    let help = shell(&root(), "tongban serve --help");
    let flags = help.lines().filter_map(|line| line.split_whitespace().find(|word| word.starts_with("--")));
    let flags: BTreeSet<String> = flags.filter(|flag| *flag != "--help").map(str::to_owned).collect();
    assert_eq!(rows(part(&readme(), "### Flags of `tongban serve`")).into_keys().collect::<BTreeSet<_>>(), flags);
}

#[test]
fn settings_can_be_read_as_shown() {
    let readme = readme();
    let mail = blocks(part(&readme, "### Mail")).into_iter().find(|block| block.file.as_deref() == Some("mail.yaml"));
    let mail: MailSettings = tongban_adapters::yaml::read(&mail.expect("mail.yaml").text).expect("settings of mail");
    assert!(matches!(mail, MailSettings::Smtp { tls: true, .. }), "{mail:?}");

    let oidc = blocks(part(&readme, "### Logging in")).into_iter().find(|block| block.file.as_deref() == Some("oidc.yaml"));
    let oidc: IdentitySettings = tongban_adapters::yaml::read(&oidc.expect("oidc.yaml").text).expect("settings of the identity platform");
    assert!(oidc.bind_by == Some(BindBy::Mail) && oidc.redirect.ends_with(RETURN_PATH), "{oidc:?}");

    let one_net = part(&readme, "### One-Net and its simulator");
    let bodies: Vec<&str> = one_net.lines().filter_map(|line| line.split(" -d '").nth(1)?.strip_suffix('\'')).collect();
    assert!(bodies.len() >= 3, "{bodies:?}");
    for body in bodies {
        serde_json::from_str::<Misbehaviour>(body).unwrap_or_else(|error| panic!("{body}: {error}"));
    }
    let listed: BTreeSet<String> =
        rows(one_net).into_keys().flat_map(|cell| cell.split("`, `").map(str::to_owned).collect::<Vec<_>>()).collect();
    let known = serde_json::to_value(Misbehaviour::default()).expect("plain data");
    assert_eq!(listed, known.as_object().expect("an object").keys().cloned().collect());
}

/// The folders of the tree, each with what stands in its second column.
fn tree(readme: &str) -> BTreeSet<PathBuf> {
    let (mut found, mut top) = (BTreeSet::new(), PathBuf::new());
    let tree = blocks(part(readme, "## Architecture")).into_iter().next().expect("a tree");
    for line in tree.text.lines() {
        let name = line.split_whitespace().next().unwrap_or_default();
        let path = if line.starts_with(' ') { top.join(name) } else { PathBuf::from(name.trim_end_matches('/')) };
        if !line.starts_with(' ') {
            top.clone_from(&path);
        }
        found.insert(path);
    }
    found
}

#[test]
fn the_tree_names_what_is_there_and_every_module_of_the_engine_and_the_shell() {
    let tree = tree(&readme());
    for path in &tree {
        let there = root().join(path);
        assert!(there.is_dir() || there.with_extension("rs").is_file(), "{} is not there", path.display());
    }
    for name in ["engine", "adapters"] {
        let library = fs::read_to_string(root().join(name).join("src/lib.rs")).expect("lib.rs");
        for module in library.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')) {
            assert!(tree.contains(&Path::new(name).join("src").join(module)), "{name}/src/{module} is not in the tree");
        }
    }
}

#[test]
fn every_file_it_names_is_there() {
    let readme = readme();
    let roots = ["engine/", "adapters/", "web/", "tests/", "workflows/", "forms/"];
    let named = readme.split('`').skip(1).step_by(2).filter(|name| roots.iter().any(|root| name.starts_with(root)));
    let files = named.filter(|name| !name.contains(['*', ' ', '{']) && !name.chars().any(char::is_uppercase));
    let missing: BTreeSet<&str> = files.filter(|name| !is_made(name) && !root().join(name).exists()).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// Whether a tool makes it, so that a fresh clone does not have it.
fn is_made(name: &str) -> bool {
    name.starts_with("tests/browser/screenshots")
}
