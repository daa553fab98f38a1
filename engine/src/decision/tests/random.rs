//! Random tables over a small grid: the analysis says what trying every place says.

use proptest::prelude::*;

use super::*;

/// Places of a test's grid: every half from -1 to 4 for decimals, every number for integers.
const PLACES: std::ops::RangeInclusive<i64> = -2..=8;

#[derive(Clone, Copy, Debug)]
struct Kind {
    word: &'static str,
    /// What a number of the grid, in halves, is written as.
    write: fn(i64) -> String,
    /// Whether it is a place of this type.
    is_place: fn(i64) -> bool,
}

const KINDS: [Kind; 4] = [
    Kind { word: "decimal", write: |half| format!("{}", half as f64 / 2.0), is_place: |_| true },
    Kind { word: "integer", write: |half| (half / 2).to_string(), is_place: |half| half % 2 == 0 },
    Kind { word: "date", write: |half| format!("2026-01-{:02}", half / 2 + 10), is_place: |half| half % 2 == 0 },
    Kind {
        word: "code<level>",
        write: |half| ["low", "medium", "high"][(half / 2) as usize % 3].to_owned(),
        is_place: |half| (0..6).contains(&half) && half % 2 == 0,
    },
];

fn cell(kind: Kind) -> BoxedStrategy<String> {
    let bound = (0..=3_i64).prop_map(move |number| number * 2);
    if kind.word.starts_with("code") {
        let value = (0..3_i64).prop_map(move |number| (kind.write)(number * 2));
        return prop_oneof![
            Just("-".to_owned()),
            value.clone(),
            value.clone().prop_map(|value| format!("not({value})")),
            (value.clone(), value).prop_map(|(a, b)| format!("{a}, {b}")),
        ]
        .boxed();
    }
    let compare = (prop_oneof![Just("<"), Just("<="), Just(">"), Just(">="), Just("!="), Just("=")], bound.clone());
    let compared = compare.prop_map(move |(operator, bound)| format!("{operator} {}", (kind.write)(bound)));
    let range = (prop_oneof![Just("["), Just("]")], bound.clone(), bound, prop_oneof![Just("["), Just("]")]);
    let ranged = range.prop_map(move |(open, a, b, close)| format!("{open}{}..{}{close}", (kind.write)(a.min(b)), (kind.write)(a.max(b))));
    prop_oneof![Just("-".to_owned()), compared.clone(), ranged.clone(), ranged.prop_map(|range| format!("not({range})")), compared].boxed()
}

#[derive(Clone, Debug)]
struct Random {
    kinds: Vec<Kind>,
    rules: Vec<(Vec<String>, u8)>,
}

fn random() -> impl Strategy<Value = Random> {
    proptest::collection::vec(proptest::sample::select(KINDS.to_vec()), 1..=3).prop_flat_map(|kinds| {
        let cells: Vec<_> = kinds.iter().map(|kind| cell(*kind)).collect();
        proptest::collection::vec((cells, 0..3_u8), 1..=6).prop_map(move |rules| Random { kinds: kinds.clone(), rules })
    })
}

impl Random {
    fn text(&self, policy: &str) -> String {
        let inputs: String = self.kinds.iter().enumerate().map(|(at, kind)| format!("- {{name: x{at}, type: {}}}\n", kind.word)).collect();
        let rule = |(cells, then): &(Vec<String>, u8)| {
            format!("- {{when: [{}], then: [{then}]}}\n", cells.iter().map(|cell| format!("'{cell}'")).collect::<Vec<_>>().join(", "))
        };
        let rules: String = self.rules.iter().map(rule).collect();
        let output = "outputs:\n- {name: y, type: integer, values: [2, 0, 1]}\n";
        format!("decision: t\nname: 表\nhitPolicy: {policy}\ninputs:\n{inputs}{output}rules:\n{rules}")
    }

    /// For every place of the grid, the rules that hold there (from 0).
    fn tried(&self) -> Vec<Vec<usize>> {
        let (table, findings) = read(&self.text("collect"));
        let table = table.unwrap_or_else(|| panic!("{findings:#?}"));
        let mut places = vec![serde_json::Map::new()];
        for (at, kind) in self.kinds.iter().enumerate() {
            let values: Vec<String> = PLACES.filter(|half| (kind.is_place)(*half)).map(kind.write).collect();
            let with = |place: &serde_json::Map<String, Value>, value: &String| {
                let value = if kind.word == "integer" { json!(value.parse::<i64>().unwrap()) } else { json!(value) };
                place.clone().into_iter().chain([(format!("x{at}"), value)]).collect()
            };
            places = places.iter().flat_map(|place| values.iter().map(|value| with(place, value)).collect::<Vec<_>>()).collect();
        }
        let hits = |place| table.evaluate(rules(), &Data(Value::Object(place))).unwrap().fired.iter().map(|fired| fired.index).collect();
        places.into_iter().map(hits).collect()
    }

    fn found(&self, policy: &str, code: &str) -> Vec<u32> {
        let first = 10 + self.kinds.len() as u32 - 2;
        told(&self.text(policy)).iter().filter(|found| found.0 == code).map(|found| found.1.saturating_sub(first)).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn the_analysis_says_what_trying_says(random in random()) {
        let tried = random.tried();
        let size = random.rules.len();
        prop_assert_eq!(!random.found("unique", "D060").is_empty(), tried.iter().any(Vec::is_empty), "gap\n{}", random.text("unique"));

        let overlapping = |conflict: &dyn Fn(usize, usize) -> bool| -> Vec<u32> {
            let met = |later: usize| tried.iter().any(|hits| hits.contains(&later) && hits.iter().any(|earlier| *earlier < later && conflict(*earlier, later)));
            (0..size).filter(|later| met(*later)).map(|later| later as u32).collect()
        };
        prop_assert_eq!(random.found("unique", "D061"), overlapping(&|_, _| true), "overlap\n{}", random.text("unique"));
        let differ = |a: usize, b: usize| random.rules[a].1 != random.rules[b].1;
        prop_assert_eq!(random.found("any", "D061"), overlapping(&differ), "any\n{}", random.text("any"));

        let silent = |first: &dyn Fn(&[usize]) -> Option<usize>| -> Vec<u32> {
            (0..size).filter(|rule| !tried.iter().any(|hits| first(hits) == Some(*rule))).map(|rule| rule as u32).collect()
        };
        prop_assert_eq!(random.found("first", "D062"), silent(&|hits| hits.first().copied()), "first\n{}", random.text("first"));
        let rank = |rule: &usize| [2, 0, 1].iter().position(|value| *value == random.rules[*rule].1);
        let best = |hits: &[usize]| hits.iter().copied().min_by_key(|rule| (rank(rule), *rule));
        prop_assert_eq!(random.found("priority", "D062"), silent(&best), "priority\n{}", random.text("priority"));
    }

    #[test]
    fn whatever_stands_in_a_cell_is_read_or_refused(
        of in proptest::sample::select(vec!["integer", "decimal", "money", "date", "time", "datetime", "boolean", "code<level>", "text", "list<text>"]),
        cell in prop_oneof![
            ".{0,12}",
            proptest::collection::vec(
                proptest::sample::select(vec![
                    "[", "]", "(", ")", "..", ",", "<", ">=", "!=", "=", "not(", "?", "\"", "date(", "-", " ", "1", "0.005", "9999-12-31",
                    "23:59", "79228162514264337593543950335", "null", "true", "低", "x", ".",
                ]),
                0..8,
            )
            .prop_map(|parts| parts.concat()),
        ],
    ) {
        let cell = json!(cell.replace(|letter: char| letter.is_control() || !letter.is_ascii() && !letter.is_alphanumeric(), ""));
        let output = "outputs:\n- {name: y, type: integer}\n";
        let text = format!("decision: t\nname: 表\ninputs:\n- {{name: x, type: {of}}}\n{output}rules:\n- when: [{cell}]\n  then: [{cell}]\n");
        let (table, findings) = read(&text);
        prop_assert!(table.is_some() || findings.iter().any(|finding| finding.help.is_some() || finding.code.starts_with(['Y', 'R', 'D'])));
        if let Some(table) = table {
            for value in [json!(null), json!(1), json!("2026-01-01"), json!(true), json!(["a"])] {
                let _ = decide(&table, json!({"x": value}));
            }
        }
    }
}
