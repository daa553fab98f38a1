//! DMN XML as other tools write it.

use super::*;

/// Names with spaces, a type definition, a default, a compound output ranked by its values.
const RISK: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<dmn:definitions xmlns:dmn="https://www.omg.org/spec/DMN/20191111/MODEL/" name="risk">
  <dmn:itemDefinition name="tLevel">
    <dmn:typeRef>string</dmn:typeRef>
    <dmn:allowedValues><dmn:text>"High", "Medium", "Low"</dmn:text></dmn:allowedValues>
  </dmn:itemDefinition>
  <dmn:inputData name="Number of People"/>
  <dmn:decision id="risk" name="Risk Level">
    <dmn:decisionTable hitPolicy="OUTPUT ORDER">
      <dmn:input label="People"><dmn:inputExpression typeRef="number"><dmn:text>Number of People</dmn:text></dmn:inputExpression></dmn:input>
      <dmn:input><dmn:inputExpression typeRef="feel:date"><dmn:text>day</dmn:text></dmn:inputExpression></dmn:input>
      <dmn:output name="Level" typeRef="tLevel"><dmn:defaultOutputEntry><dmn:text>"Low"</dmn:text></dmn:defaultOutputEntry></dmn:output>
      <dmn:output name="Points"/>
      <dmn:rule id="r1">
        <dmn:description>small &amp; early</dmn:description>
        <dmn:inputEntry><dmn:text>[1..100)</dmn:text></dmn:inputEntry>
        <dmn:inputEntry><dmn:text>&lt; date("2026-02-01")</dmn:text></dmn:inputEntry>
        <dmn:outputEntry><dmn:text>"Medium"</dmn:text></dmn:outputEntry>
        <dmn:outputEntry><dmn:text>1</dmn:text></dmn:outputEntry>
      </dmn:rule>
      <dmn:rule id="r2">
        <dmn:inputEntry><dmn:text><![CDATA[> 10]]></dmn:text></dmn:inputEntry>
        <dmn:inputEntry><dmn:text>-</dmn:text></dmn:inputEntry>
        <dmn:outputEntry><dmn:text>"High"</dmn:text></dmn:outputEntry>
        <dmn:outputEntry><dmn:text>Number of People * 2</dmn:text></dmn:outputEntry>
      </dmn:rule>
    </dmn:decisionTable>
  </dmn:decision>
  <dmn:decision name="Other"><dmn:literalExpression><dmn:text>1 + 1</dmn:text></dmn:literalExpression></dmn:decision>
</dmn:definitions>"#;

fn load_text(text: &str) -> (Vec<DecisionTable>, Vec<Finding>) {
    load_dmn(&Source { name: "risk.dmn".into(), text: text.into() }, standard(), rules())
}

#[test]
fn a_table_is_read_and_decides() {
    let (tables, findings) = load_text(RISK);
    assert_eq!(findings.iter().map(|finding| (finding.code, finding.place.span.line)).collect::<Vec<_>>(), [("Y951", 29)], "{findings:#?}");
    let table = &tables[0];
    assert_eq!((table.id.as_str(), table.name.zh.as_str(), table.policy), ("risk", "Risk Level", HitPolicy::OutputOrder));
    assert_eq!((table.inputs[0].name.as_str(), table.inputs[0].label.zh.as_str()), ("Number_of_People", "People"));
    assert_eq!(table.rules[0].doc.as_ref().unwrap().zh, "small & early");
    assert_eq!((table.rules[0].when[1].place.span.line, table.rules[0].when[1].place.span.column), (17, 35));
    let decided = decide(table, json!({"Number_of_People": 50, "day": "2026-01-01"})).unwrap();
    let both = json!([{"Level": "High", "Points": "100"}, {"Level": "Medium", "Points": "1"}]);
    assert_eq!(decided, (both, vec![2, 1]));
    assert_eq!(decide(table, json!({"Number_of_People": 0, "day": "2026-01-01"})).unwrap().0, json!({"Level": "Low", "Points": null}));
}

#[test]
fn what_cannot_be_taken_is_told_where_it_stands() {
    for (old, new, code, line) in [
        ("[1..100)", "for a in b return a", "Y040", 16),
        ("[1..100)", "\"many\"", "D065", 16),
        ("OUTPUT ORDER", "SOMETIMES", "Y025", 9),
        ("</dmn:definitions>", "", "Y950", 30),
        ("<dmn:definitions", "<!DOCTYPE a [<!ENTITY b \"c\">]>\n<dmn:definitions", "Y950", 2),
        ("&amp;", "&b;", "Y950", 15),
    ] {
        let (_, findings) = load_text(&RISK.replacen(old, new, 1));
        let found: Vec<_> = findings.iter().map(|finding| (finding.code, finding.place.span.line)).collect();
        assert!(found.contains(&(code, line)), "{new}: {findings:#?}");
    }
    let deep = "<a>".repeat(100);
    assert_eq!(load_text(&deep).1[0].code, "Y950");
    assert_eq!(load_text("<process/>").1[0].code, "Y950");
}
