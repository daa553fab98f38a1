//! Expressions of other engines and what becomes of them; the results are read by the rule engine itself.

use super::{rhai, template, value};
use crate::{form::FieldStandard, rules::Rules, source::Place};

const TRANSLATED: &[(&str, &str)] = &[
    ("x > 5", "x > 5"),
    ("test.contains(\"a\")", "test.contains(\"a\")"),
    ("${input == 1}", "input == 1"),
    ("#{cancelTx}", "cancelTx"),
    ("${not cancelTx}", "!cancelTx"),
    ("${!(a and b) || c eq 'it'}", "!(a && b) || c == \"it\""),
    ("${a ne null && b le 3}", "a != () && b <= 3"),
    ("${empty list or not empty name}", "is_empty(list) || !is_empty(name)"),
    ("${order.lines[0]['price'] * 2 + 1 ge 10.5}", "order.lines[0].price * 2 + 1 >= 10.5"),
    ("${a - (b - c)}", "a - (b - c)"),
    ("${(a - b) - c}", "a - b - c"),
    ("${execution.getVariable('amount') > 100}", "amount > 100"),
    ("${ok ? 'yes' : \"no\"}", "if ok { \"yes\" } else { \"no\" }"),
    ("${list.size() mod 2 == 0}", "list.len() % 2 == 0"),
    ("${nrOfCompletedInstances/nrOfInstances >= 0.6}", "nrOfCompletedInstances / nrOfInstances >= 0.6"),
    ("Mr ${name}", "\"Mr \" + name"),
    ("${a}${b}", "\"\" + a + b"),
    ("=x > 5", "x > 5"),
    ("= a = 1 and b != null", "a == 1 && b != ()"),
    ("=not(done) or count(items) > 2", "!done || count(items) > 2"),
    ("=if a > 1 then \"x\" else \"y\"", "if a > 1 { \"x\" } else { \"y\" }"),
    ("=items[1].name", "items[0].name"),
    ("=amount between 1 and 10", "amount >= 1 && amount <= 10"),
    ("=contains(name, \"a\")", "name.contains(\"a\")"),
    ("=kind in [\"a\", \"b\"]", "kind in [\"a\", \"b\"]"),
    ("={a: 1, \"b c\": [x]}", "#{\"a\": 1, \"b c\": [x]}"),
    ("=duration(\"PT5S\")", "\"PT5S\""),
];

#[test]
fn what_compares_and_decides_is_translated_and_reads_as_rhai() {
    let (rules, findings) = Rules::new(None, std::sync::Arc::new(FieldStandard::default()));
    assert_eq!(findings, []);
    for (from, to) in TRANSLATED {
        assert_eq!(rhai(from).as_deref(), Ok(*to), "{from}");
        if let Err(finding) = rules.expression(to, Place::default()) {
            panic!("{to}: {}", finding.message.get(crate::text::Language::En));
        }
    }
}

#[test]
fn what_has_no_counterpart_says_so() {
    let bare = ["${bean.decide(execution)}", "${a ==}", "${a", "${'a}", "=for x in xs return x", "=a b", "${a ~ b}", "=get value(a)"];
    for from in bare {
        assert!(rhai(from).is_err(), "{from}");
    }
    let deep = format!("={}1{}", "(".repeat(60), ")".repeat(60));
    assert!(rhai(&deep).is_err());
    assert!(rhai(&format!("={}1", "-".repeat(100))).is_err());
}

#[test]
fn names_take_their_expressions_in_braces() {
    assert_eq!(template("order-${id}-#{n + 1}").as_deref(), Ok("order-{id}-{n + 1}"));
    assert_eq!(template("=name").as_deref(), Ok("{name}"));
    assert_eq!(template("=\"plain\"").as_deref(), Ok("plain"));
    assert_eq!(template("plain").as_deref(), Ok("plain"));
    assert_eq!(value("say \"hi\"").as_deref(), Ok("\"say \\\"hi\\\"\""));
}
