//! Every limit of the sandbox is hit once, and nothing of the world is within reach.

use proptest::prelude::*;

use super::*;

#[test]
fn each_limit_stops() {
    for (text, told) in [
        ("loop { }", "too many operations"),
        ("let x = 0; while true { x += 1; }", "too many operations"),
        (r#"let s = "x"; loop { s += s; }"#, "too large"),
        (r#"let s = "x"; s.pad(100000, '-');"#, "too large"),
        ("let a = [1]; loop { a += a; }", "too large"),
        ("let a = []; a.pad(5000, 0);", "too large"),
        ("let m = #{}; for i in 0..2000 { m.set(`k${i}`, i); }", "too large"),
        ("let f = |x, g| g.call(x, g); f.call(1, |x, g| g.call(x, g))", "nested too deeply"),
        ("9223372036854775807 + 1", "cannot be computed"),
        ("1 / 0", "cannot be computed"),
    ] {
        let rules = rules();
        let script = rules.script(text, place()).unwrap();
        let error = rules.run(&script, &Data(json!({})), &[]).expect_err(text);
        let en = error.message.get(Language::En);
        assert!(en.contains(told), "{text}: {en}");
    }
}

/// What rhai's limits would not see does not compile.
#[test]
fn deep_changes_are_refused() {
    let rules = rules();
    for text in [
        "m[k] = 1",
        "m.a[0] = 1",
        "m.a.b = 1",
        "m.a.push(1)",
        "m[0].push(1)",
        "m[k].push(1)",
        "m.a.b.pad(9, 0)",
        "m.all(|x| { x.a.push(1); true })",
        "m[k] += 1",
        "this.a = 1",
    ] {
        assert!(rules.script(text, place()).is_err(), "{text}");
    }
    for text in ["m.a = 1", "m.push(1)", "m.set(k, 1)", "let a = m.a; a.push(1); m.a = a", "x = m[0].a + m.b[k]", "m.a += 1"] {
        assert_eq!(rules.script(text, place()).map(|_| ()), Ok(()), "{text}");
    }
}

#[test]
fn recursion_and_functions_are_bounded() {
    let source = Source { name: "rules.rhai".into(), text: "fn f(x) { f(x + 1) }".into() };
    let (rules, _) = Rules::new(Some(&source), Arc::default());
    let error = rules.evaluate(&rules.expression("f(1)", place()).unwrap(), &Data(json!({}))).unwrap_err();
    assert!(error.message.get(Language::En).contains("nested too deeply"), "{error}");

    let many: String = (0..=sandbox::FUNCTIONS_MAX).map(|n| format!("fn f{n}() {{ {n} }}\n")).collect();
    let (_, findings) = Rules::new(Some(&Source { name: "rules.rhai".into(), text: many.into() }), Arc::default());
    assert_eq!(findings.len(), 1);
}

#[test]
fn too_many_variables_and_too_deep() {
    let rules = rules();
    let many: String = (0..300).map(|n| format!("let v{n} = {n};")).collect();
    let stopped = match rules.script(&many, place()) {
        Ok(script) => rules.run(&script, &Data(json!({})), &[]).is_err(),
        Err(_) => true,
    };
    assert!(stopped);
    let deep = format!("{}1{}", "(".repeat(100), ")".repeat(100));
    assert_eq!(rules.expression(&deep, place()).unwrap_err().code, "Y040");
}

#[test]
fn nothing_of_the_world() {
    let rules = rules();
    for text in [
        r#"eval("1")"#,
        r#"import "x""#,
        r#"print("x")"#,
        r#"debug("x")"#,
        "sleep(1)",
        "exit()",
        "timestamp()",
        "rand()",
        "let x = 1",
        "parse_json(\"1\")",
    ] {
        let failed = match rules.expression(text, place()) {
            Ok(expression) => rules.evaluate(&expression, &Data(json!({}))).is_err(),
            Err(_) => true,
        };
        assert!(failed, "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Whatever is written: no panic, and the same answer twice.
    #[test]
    fn same_input_same_answer(text in "[a-z0-9 +*/<>=!&|().\"{}#\\[\\]:,?]{0,40}", a in any::<i64>(), b in ".{0,20}") {
        let rules = rules();
        if let Ok(expression) = rules.expression(&text, place()) {
            let data = Data(json!({"a": a, "b": b, "c": [a, b], "d": {"e": a}}));
            prop_assert_eq!(rules.evaluate(&expression, &data), rules.evaluate(&expression, &data));
        }
        let _ = rules.script(&text, place());
        let _ = rules.pattern(&text, place());
    }

    /// JSON comes back as it went in.
    #[test]
    fn json_survives(a in any::<i64>(), b in ".{0,20}", c in any::<bool>()) {
        let value = json!({"a": a, "b": b, "c": [c, null, {"d": b}]});
        prop_assert_eq!(evaluate("x", json!({"x": &value})), Ok(value));
    }
}
