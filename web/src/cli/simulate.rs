//! `tongban simulate`: a case stepped by hand in the terminal, or over a pipe, line by line.

use std::{
    io::{BufRead, IsTerminal, Lines, StdinLock, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use clap::Args;
use serde_json::{Map, Value};
use tongban_adapters::clock::{Clock, SystemClock};
use tongban_engine::{
    definition::load_office,
    diagram::{Overlay, Twin, TwinLine, draw},
    interpreter::{Case, CaseStatus},
    scenario::Step,
    simulation::{Asked, Choice, Simulation},
    text::{Language, Text},
    time::Moment,
};

use super::{OfficeArgs, say};

/// What `tongban simulate` is given.
#[derive(Debug, Args)]
pub struct SimulateArgs {
    #[command(flatten)]
    office: OfficeArgs,
    /// Process id
    process: String,
    /// When the case begins (RFC 3339); now if absent
    #[arg(long)]
    at: Option<String>,
    /// The unit that handles it
    #[arg(long, default_value = "office")]
    unit: String,
}

const HELP: [&str; 2] = [
    "N            做第 N 项，逐项询问要填的内容（回车取方括号内的值）
N!           做第 N 项，要填的都取样例
N {a: 1}     做第 N 项，填写所给内容，其余必填的取样例
pass 5wd     时间过去五个工作日
set {a: 1}   改变数据
back, forward, go N   退一步，进一步，到第 N 步之后
where        整个流程，当前与已过的环节
data, steps  数据；已做的步骤
save NAME [一句话]    存为场景 scenarios/NAME.yaml
help, quit",
    "N            do number N; what it asks is asked line by line (Enter takes what stands in brackets)
N!           do number N with samples for all that it requires
N {a: 1}     do number N with these data, and samples for the rest that it requires
pass 5wd     let five working days pass
set {a: 1}   change data
back, forward, go N   one step back, one forward, to where N steps led
where        the whole process, with the elements that are current or passed
data, steps  the data; the steps so far
save NAME [A SENTENCE]  keep it as the scenario scenarios/NAME.yaml
help, quit",
];

/// Steps until the input ends; exit status 1 if input came from a pipe and a line of it was refused.
pub(super) fn run(arguments: &SimulateArgs) -> anyhow::Result<ExitCode> {
    let bundle = arguments.office.read()?;
    let (office, _) = load_office(&bundle);
    let at = arguments.at.clone().unwrap_or_else(|| to_the_minute(SystemClock.now()));
    let simulation = Simulation::new(office.definitions, &arguments.process, &at, &arguments.unit).map_err(anyhow::Error::msg)?;
    let stdin = std::io::stdin();
    let asks = stdin.is_terminal();
    let mut bench = Bench {
        simulation,
        language: arguments.office.lang.into(),
        office: &arguments.office.office,
        lines: stdin.lock().lines(),
        asks,
        refused: false,
    };
    bench.work()?;
    Ok(if bench.refused && !asks { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// A moment in UTC as a story writes it.
fn to_the_minute(now: Moment) -> String {
    let minute = now.0 - now.0.rem_euclid(60_000);
    jiff::Timestamp::from_millisecond(minute).map(|minute| minute.to_string()).unwrap_or_default()
}

struct Bench<'a> {
    simulation: Simulation,
    language: Language,
    office: &'a Path,
    lines: Lines<StdinLock<'static>>,
    /// Somebody sits at a terminal: prompts are shown, and a refusal is no failure.
    asks: bool,
    refused: bool,
}

impl Bench<'_> {
    fn work(&mut self) -> anyhow::Result<()> {
        self.whole()?;
        self.next()?;
        while let Some(line) = self.line("> ")? {
            let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((&line, ""));
            match (word, rest.trim()) {
                ("", _) => self.next()?,
                ("quit" | "exit", _) => return Ok(()),
                ("help" | "?", _) => say(Text::new(HELP[0], HELP[1]).get(self.language))?,
                ("where", _) => self.whole()?,
                ("data", _) => self.data()?,
                ("steps", _) => self.steps()?,
                ("back", _) => self.travel(|at| at.checked_sub(1))?,
                ("forward", _) => self.travel(|at| Some(at + 1))?,
                ("go", to) => self.travel(|_| to.parse().ok())?,
                ("pass", duration) => self.take(Step { pass: Some(duration.to_owned()), ..Step::default() })?,
                ("set", data) => match Simulation::read_data(data).filter(|data| !data.is_empty()) {
                    Some(set) => self.take(Step { set, ..Step::default() })?,
                    None => self.refuse(&Text::new("请写成 set {名称: 值}", "write set {name: value}"))?,
                },
                ("save", rest) => self.save(rest)?,
                (number, data) => self.choose(number, data)?,
            }
        }
        Ok(())
    }

    fn line(&mut self, prompt: &str) -> anyhow::Result<Option<String>> {
        if self.asks {
            let mut out = std::io::stdout();
            write!(out, "{prompt}")?;
            out.flush()?;
        }
        Ok(self.lines.next().transpose()?.map(|line| line.trim().to_owned()))
    }

    fn refuse(&mut self, why: &Text) -> anyhow::Result<()> {
        self.refused = true;
        Ok(say(&format!("✕ {}", why.get(self.language)))?)
    }

    fn take(&mut self, step: Step) -> anyhow::Result<()> {
        match self.simulation.take(step) {
            Ok(()) => self.next(),
            Err(why) => self.refuse(&Text::zh(why)),
        }
    }

    fn travel(&mut self, to: impl Fn(usize) -> Option<usize>) -> anyhow::Result<()> {
        let (at, last) = self.simulation.position();
        if to(at).is_some_and(|to| self.simulation.go(to)) {
            return self.next();
        }
        self.refuse(&Text::new(format!("只有第 0 至 {last} 步"), format!("there are only steps 0 to {last}")))
    }

    /// `2`, `2!` or `2 {name: value}`.
    fn choose(&mut self, number: &str, data: &str) -> anyhow::Result<()> {
        let (number, samples) = number.strip_suffix('!').map_or((number, false), |number| (number, true));
        let choices = self.simulation.choices();
        let index = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        let Some(choice) = index.and_then(|index| choices.get(index)) else {
            let many = choices.len();
            return self.refuse(&Text::new(
                format!("没有“{number}”：可写 1 至 {many}，或 help"),
                format!("there is no `{number}`: write 1 to {many}, or help"),
            ));
        };
        let given = match data {
            "" if samples => sampled(choice, Map::new()),
            "" => self.ask(&choice.fields)?,
            text => match Simulation::read_data(text) {
                Some(given) => sampled(choice, given),
                None => return self.refuse(&Text::new(format!("“{text}”不是 {{名称: 值}}"), format!("`{text}` is no {{name: value}}"))),
            },
        };
        match self.simulation.choose(choice, given) {
            Ok(()) => self.next(),
            Err(why) => self.refuse(&Text::zh(why)),
        }
    }

    fn ask(&mut self, fields: &[Asked]) -> anyhow::Result<Map<String, Value>> {
        let mut given = Map::new();
        for field in fields {
            let need = if field.required { Text::new("必填", "required") } else { Text::new("可空", "may be empty") };
            let sample = field.sample.as_ref().map(|sample| format!(" [{}]", shown(sample))).unwrap_or_default();
            let (label, name, of) = (field.label.get(self.language), &field.name, &field.of);
            let prompt = format!("  {label} {name} ({of}, {}){sample}: ", need.get(self.language));
            if !self.asks {
                say(&prompt)?;
            }
            let typed = self.line(&prompt)?.unwrap_or_default();
            given.extend(field.read(&typed).map(|value| (name.clone(), value)));
        }
        Ok(given)
    }

    /// Where it stands, and what can be done next.
    fn next(&self) -> anyhow::Result<()> {
        let (at, last) = self.simulation.position();
        let now = self.simulation.definition().calendar.format_moment(self.simulation.now());
        let head = Text::new(format!("第 {at}/{last} 步，{now}"), format!("step {at}/{last}, {now}"));
        say(&format!("── {}", head.get(self.language)))?;
        for (called, case) in self.simulation.cases() {
            say(&self.state(&called, case))?;
            for line in self.twin(case).all().into_iter().filter(|line| line.active) {
                say(&format!("  {}", TwinLine::text(line, self.language)))?;
            }
        }
        for (index, choice) in self.simulation.choices().iter().enumerate() {
            say(&format!("{:>3}  {}", index + 1, choice.label.get(self.language)))?;
        }
        Ok(())
    }

    fn state(&self, called: &str, case: &Case) -> String {
        let process = self.simulation.definition_of(case).process.name.get(self.language);
        let state = match (case.status, &case.error, case.incidents.is_empty()) {
            (CaseStatus::Ended, Some(code), _) => Text::new(format!("因错误 {code} 终止"), format!("ended by the error {code}")),
            (CaseStatus::Ended, None, _) => {
                let at = case.ended_at.join(", ");
                Text::new(format!("已办结（{at}）"), format!("ended at {at}"))
            }
            (CaseStatus::Running, _, false) => Text::new("有故障", "has an incident"),
            (CaseStatus::Running, ..) => Text::new("在办", "running"),
        };
        format!("{called} · {process} · {}", state.get(self.language))
    }

    /// The whole process, with what is current and passed; of every case there is.
    fn whole(&self) -> anyhow::Result<()> {
        let cases = self.simulation.cases();
        if cases.is_empty() {
            let fresh = Case { process: self.simulation.definition().process.id.clone(), ..Case::default() };
            say(self.twin(&fresh).text(self.language).trim_end())?;
        }
        for (called, case) in cases {
            say(&self.state(&called, case))?;
            say(self.twin(case).text(self.language).trim_end())?;
        }
        Ok(())
    }

    fn twin(&self, case: &Case) -> Twin {
        let definition = self.simulation.definition_of(case);
        let overlay = Overlay {
            active: case.tokens.values().map(|token| token.node.clone()).collect(),
            done: case.passed.keys().cloned().collect(),
            language: self.language,
            roles: definition.roles.iter().map(|(id, role)| (id.clone(), role.name.clone())).collect(),
            ..Overlay::default()
        };
        draw(&definition.process, &overlay).twin
    }

    fn data(&self) -> anyhow::Result<()> {
        for (called, case) in self.simulation.cases() {
            say(&format!("{called}:"))?;
            for (name, value) in &case.data {
                say(&format!("  {name}: {}", shown(value)))?;
            }
        }
        Ok(())
    }

    fn steps(&self) -> anyhow::Result<()> {
        let story = self.simulation.story("");
        for step in story.steps.iter().filter(|step| step.expect.is_none()) {
            say(&format!("- {}", serde_json::to_string(step)?))?;
        }
        Ok(())
    }

    /// Keeps the story beside its process, if it goes again as it went here.
    fn save(&mut self, rest: &str) -> anyhow::Result<()> {
        let (name, title) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        if name.is_empty() || !name.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '-')) {
            return self.refuse(&Text::new("请写成 save 名称，名称只含字母、数字、_ 和 -", "write save NAME, of letters, digits, _ and -"));
        }
        let title = if title.is_empty() { format!("试办：{name}") } else { title.trim().to_owned() };
        let story = self.simulation.story(&title);
        if story.steps.is_empty() {
            return self.refuse(&Text::new("还没有做任何一步", "no step has been done yet"));
        }
        if let Err(failure) = self.simulation.check(&story) {
            return self.refuse(&Text::new(
                format!("重新讲述时与此处不同，没有保存：{failure}"),
                format!("told again it goes otherwise, so it was not kept: {failure}"),
            ));
        }
        let place = &self.simulation.definition().process.place.file;
        let folder = place.strip_suffix("process.yaml").unwrap_or(place);
        let relative = format!("{folder}scenarios/{name}.yaml");
        let path: PathBuf = self.office.join(&relative);
        if path.exists() {
            return self.refuse(&Text::new(format!("{relative} 已经存在"), format!("{relative} exists already")));
        }
        std::fs::create_dir_all(path.parent().context("a file has a folder")?)?;
        std::fs::write(&path, serde_yaml::to_string(&story)?).with_context(|| relative.clone())?;
        Ok(say(Text::new(format!("已存为 {relative}"), format!("kept as {relative}")).get(self.language))?)
    }
}

/// Given data, and samples for what is required besides.
fn sampled(choice: &Choice, mut given: Map<String, Value>) -> Map<String, Value> {
    for field in &choice.fields {
        if let (false, Some(sample)) = (given.contains_key(&field.name), &field.sample) {
            given.insert(field.name.clone(), sample.clone());
        }
    }
    given
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
