//! What templates become, and what is refused.
#![expect(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::text::Language;

fn compile(templates: &[(&str, &str)]) -> (Templates, Vec<Finding>) {
    let files: Vec<Source> =
        templates.iter().map(|(name, text)| Source { name: format!("w/templates/{name}.hbs").into(), text: (*text).into() }).collect();
    Templates::compile(&files)
}

fn render(text: &str, data: &Value) -> Result<Rendered, String> {
    let (templates, findings) = compile(&[("t", text)]);
    assert_eq!(findings, [], "{text}");
    templates.render("t", data).map_err(|error| format!("{}: {}", error.place, error.message.get(Language::En)))
}

#[test]
fn renders() {
    for (text, data, expected) in [
        ("<p>{{a}}</p>", json!({"a": "x<script>&\"y"}), "<p>x&lt;script&gt;&amp;&quot;y</p>"),
        ("<p class=\"x\">a：{{a}}</p>", json!({"a": "one\r\n\ntwo"}), "<p class=\"x\">a：one</p>\n<p class=\"x\">two</p>"),
        ("<p><em>{{a}}</em></p>", json!({"a": "one\ntwo"}), "<p><em>one<br>two</em></p>"),
        ("<div>{{a}}</div>", json!({"a": "one\ntwo"}), "<div>one<br>two</div>"),
        ("<p>{{date a}}</p>", json!({"a": "2026-11-04"}), "<p>2026年11月4日</p>"),
        ("<p>{{date a}}</p>", json!({"a": "2026-11-23T17:00:00Z"}), "<p>2026年11月24日</p>"),
        ("<p>{{date a}}</p>", json!({"a": 1_795_453_200_000_i64}), "<p>2026年11月24日</p>"),
        ("<p>{{date a \"short\"}} {{date a \"time\"}}</p>", json!({"a": "2026-11-24T09:05"}), "<p>2026-11-24 2026年11月24日 09:05</p>"),
        ("<p>{{money a}} {{money b}}</p>", json!({"a": "1234567.5", "b": -12}), "<p>1,234,567.50 -12.00</p>"),
        ("<p>{{label \"risk\" a}}</p>", json!({"a": "high", "labels": {"risk": {"high": "高"}}}), "<p>高</p>"),
        ("<ol>{{#each a}}<li>{{this}}</li>{{/each}}</ol>", json!({"a": ["x", "y"]}), "<ol><li>x</li>\n<li>y</li>\n</ol>"),
        ("<ol>{{#each a}}<li>{{this}}</li>{{/each}}</ol>", json!({}), "<ol></ol>"),
        ("{{#if a.b}}<p>{{a.b}}</p>{{/if}}<p>z</p>", json!({}), "<p>z</p>"),
        ("{{#if (eq a \"x\")}}<p>1</p>{{else}}<p>2</p>{{/if}}", json!({"a": "x"}), "<p>1</p>"),
        ("<p>本机关\n  决定</p>\n<p>a\n b</p>", json!({}), "<p>本机关决定</p>\n<p>a b</p>"),
        ("<!-- note --><hr><div class=\" a  b \">x<br/>y</div>", json!({}), "<hr>\n<div class=\"a b\">x<br>y</div>"),
    ] {
        assert_eq!(render(text, &data).map(|rendered| rendered.html), Ok(expected.to_owned()), "{text}");
    }
}

#[test]
fn subject_hash_and_text() {
    let titled = render("<title>受理 {{a}}</title><h1>B</h1><p>c</p>", &json!({"a": "x\r\ny"})).unwrap();
    assert_eq!(titled.subject.as_deref(), Some("受理 x y"));
    assert_eq!(titled.html, "<h1>B</h1>\n<p>c</p>");
    assert_eq!(titled.hash.len(), 64);
    let headed = render("<section><h1>B <em>c</em></h1></section>", &json!({})).unwrap();
    assert_eq!(headed.subject.as_deref(), Some("B c"));
    let all = "<h1>T</h1><p>a<br>b</p><table><tr><th>k</th><td>v</td></tr></table><ol><li>x</li><li>y</li></ol><ul><li>z</li></ul>";
    assert_eq!(render(all, &json!({})).unwrap().text(), "T\na\nb\nk　v\n1. x\n2. y\n· z");
}

#[test]
fn the_hash_is_sm3() {
    // GB/T 32905-2016, A.1: the digest of "abc".
    assert_eq!(render("abc", &json!({})).unwrap().hash, "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
}

#[test]
fn what_is_missing_is_said_with_its_line() {
    for (text, data, expected) in [
        ("<p>\n{{a.b}}</p>", json!({"a": {}}), "w/templates/t.hbs:2:1: `a.b` is missing"),
        ("<p>{{a}}</p>", json!({"a": null}), "w/templates/t.hbs:1:4: `a` is missing"),
        ("<p>\n\n{{date a}}</p>", json!({}), "w/templates/t.hbs:3:1: `a` is missing"),
        ("<p>{{date a}}</p>", json!({"a": "soon"}), "not a date"),
        ("<p>{{date a \"long\"}}</p>", json!({"a": "2026-11-24"}), "no style `long`"),
        ("<p>{{label \"x\" a}}</p>", json!({"a": "b"}), "`x` has no code `b`"),
        ("<p>{{#each a}}{{this.b}}{{/each}}</p>", json!({"a": [{}]}), "missing"),
    ] {
        let error = render(text, &data).unwrap_err();
        assert!(error.contains(expected), "{text}: {error}");
    }
    let (templates, _) = compile(&[]);
    assert!(templates.render("nowhere", &json!({})).is_err());
}

#[test]
fn findings() {
    for (text, expected) in [
        ("<p>{{{a}}}</p>", "Y051 w/templates/t.hbs:1:4"),
        ("<p>\n {{&a}}</p>", "Y051 w/templates/t.hbs:2:2"),
        ("<p>{{#if a}}</p>", "Y050"),
        ("<p>{{a</p>", "Y050"),
        ("<p>\n{{> nowhere}}</p>", "Y052 w/templates/t.hbs:2:1"),
        ("<p>{{> t}}</p>", "Y052"),
        ("<p>{{> (lookup a b)}}</p>", "Y052"),
        ("{{#*inline \"x\"}}a{{/inline}}", "Y050"),
        ("<p>a</p>\n <script>x</script>", "Y053 w/templates/t.hbs:2:2"),
        ("<p onclick=\"x\">a</p>", "Y053"),
        ("<p class=\"A\">a</p>", "Y053"),
        ("<a href=\"x\">a</a>", "Y053"),
        ("<p>a<strong></p></strong>", "Y053 w/templates/t.hbs:1:13"),
        ("<p>a", "Y053"),
        ("<!DOCTYPE html><p>a</p>", "Y053"),
        ("<p>{{daet a}}</p>", "Y055"),
        ("<p>{{log a}}</p>", "Y055"),
    ] {
        let (_, findings) = compile(&[("t", text)]);
        let told: Vec<_> = findings.iter().map(|finding| format!("{} {}", finding.code, finding.place)).collect();
        assert!(told.first().is_some_and(|first| first.starts_with(expected)), "{text}: {told:?}");
    }
    let (_, circle) = compile(&[("a", "{{> b}}"), ("b", "{{> c}}"), ("c", "{{> a}}"), ("d", "{{> a}}")]);
    assert_eq!(circle.len(), 3);
    let deep = "{{#if a}}".repeat(5000);
    assert_eq!(compile(&[("t", &deep)]).1[0].code, "Y054");
    let nested = format!("<p>{{{{a {}b{}}}}}</p>", "(x ".repeat(5000), ")".repeat(5000));
    assert_eq!(compile(&[("t", &nested)]).1[0].code, "Y054");
}

#[test]
fn reads() {
    let (templates, findings) =
        compile(&[("t", "{{a.b}}{{#each c}}{{d}}{{/each}}{{#if (eq e \"x\")}}{{date f}}{{/if}}{{label \"g\" h}}{{> u}}"), ("u", "{{i}}")]);
    assert_eq!(findings, []);
    let paths: Vec<_> = templates.reads("t").into_iter().map(|read| read.path).collect();
    assert_eq!(paths, ["a.b", "c", "e", "f", "h", "i"]);
}

#[test]
fn size_is_limited() {
    let data = json!({"a": vec!["x".repeat(1000); 1000], "b": [1, 2]});
    let error = render("{{#each b}}{{#each ../a}}<p>{{this}}</p>{{/each}}{{/each}}", &data).unwrap_err();
    assert!(error.contains("larger than 1 MiB"), "{error}");
}

#[test]
fn pages_link_their_style() {
    let rendered = render("<title>a &amp; b</title><p>c</p>", &json!({})).unwrap();
    let html = page(&rendered, PageKind::Official, Language::Zh);
    assert!(
        html.contains("<title>a &amp; b</title>") && html.contains("href=\"/assets/print.css\"") && html.contains("class=\"official\"")
    );
    assert!(!html.contains("<style") && !html.contains("style=\""));
    assert!(PRINT_CSS.contains("@page"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Any template, any data: no panic; and what comes out is canonical.
    #[test]
    fn never_panics(text in "(<|>|</|p|div|br|script|\\{\\{|\\}\\}|#if|/if|#each|else|\\(|\\)|&|;|amp|\"|=|class| |a|b|沪|\\n|!--|>){0,24}", a in ".{0,12}") {
        let (templates, _) = compile(&[("t", &text)]);
        if let Ok(rendered) = templates.render("t", &json!({"a": a, "b": [a]})) {
            let again = markup::parse(&rendered.html);
            prop_assert_eq!(again.map(|tree| write::html(&tree)), Ok(rendered.html.clone()));
            let _ = rendered.text();
        }
    }

    /// Data can never become markup.
    #[test]
    fn data_is_never_markup(a in "\\PC{0,30}") {
        let rendered = render("<p class=\"x\">{{a}}</p>", &json!({"a": a})).unwrap();
        prop_assert_eq!(rendered.html.matches('<').count(), 2 * rendered.html.matches("<p class=\"x\">").count());
    }
}
