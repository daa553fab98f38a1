//! Units: a tree that stays one.

use super::{
    Ground, UNIT_KINDS,
    fault::{fault, id_fault, name_fault, none_of},
};
use crate::{
    form::FieldError,
    organisation::{Register, Unit},
    text::Text,
};

impl Register {
    pub(super) fn add_unit(&mut self, id: &str, unit: &Unit) -> Result<(), Vec<FieldError>> {
        let mut faults: Vec<FieldError> = id_fault("id", id).into_iter().collect();
        if self.units.contains_key(id) {
            faults.push(fault("id", "exists", format!("机构编号“{id}”已被使用"), format!("there is a unit `{id}` already")));
        }
        faults.extend(facts(&unit.name, &unit.kind));
        faults.extend(self.code_fault(id, unit.code.as_deref()));
        faults.extend(self.parent_fault(unit.parent.as_deref()));
        none_of(faults)?;
        self.units.insert(id.to_owned(), unit.clone());
        Ok(())
    }

    pub(super) fn change_unit(
        &mut self,
        id: &str,
        name: &Text,
        kind: &str,
        code: Option<&String>,
        items: &[String],
    ) -> Result<(), Vec<FieldError>> {
        let mut faults = facts(name, kind);
        faults.extend(self.code_fault(id, code.map(String::as_str)));
        let Some(unit) = self.units.get(id) else { return Err(vec![self.unknown_unit("id", id)]) };
        none_of(faults)?;
        let changed =
            Unit { name: name.clone(), kind: kind.to_owned(), parent: unit.parent.clone(), code: code.cloned(), items: items.to_vec() };
        self.units.insert(id.to_owned(), changed);
        Ok(())
    }

    pub(super) fn move_unit(&mut self, id: &str, parent: Option<&String>) -> Result<(), Vec<FieldError>> {
        if !self.units.contains_key(id) {
            return Err(vec![self.unknown_unit("id", id)]);
        }
        if let Some(fault) = self.parent_fault(parent.map(String::as_str)) {
            return Err(vec![fault]);
        }
        if parent.is_some_and(|parent| self.is_within(parent, id)) {
            return Err(vec![fault(
                "parent",
                "cycle",
                "上级机构不能是它自己或它的下级；请另选一个上级",
                "a unit cannot be under itself or under a unit below it; choose another one above",
            )]);
        }
        if let Some(unit) = self.units.get_mut(id) {
            unit.parent = parent.cloned();
        }
        Ok(())
    }

    pub(super) fn close_unit(&mut self, id: &str, ground: &Ground<'_>) -> Result<(), Vec<FieldError>> {
        if !self.units.contains_key(id) {
            return Err(vec![self.unknown_unit("id", id)]);
        }
        let mut faults = Vec::new();
        if self.closed.contains_key(id) {
            faults.push(fault("id", "closed", "该机构已经撤销", "the unit is closed already"));
        }
        let below: Vec<&str> = self
            .units
            .iter()
            .filter(|(below, unit)| unit.parent.as_deref() == Some(id) && !self.closed.contains_key(*below))
            .map(|(_, unit)| unit.name.zh.as_str())
            .collect();
        if let Some(first) = below.first() {
            let count = below.len();
            faults.push(fault(
                "id",
                "unit-has-units",
                format!("还有 {count} 个下级机构（{first}等），请先撤销或移走"),
                format!("it has {count} unit(s) below it ({first}, …); close or move them first"),
            ));
        }
        let holds = |official: &&crate::organisation::Official| {
            official.posts.iter().any(|tenure| tenure.post.unit == id && tenure.term.until.is_none_or(|until| until > ground.now))
        };
        let people: Vec<&str> = self.people.values().filter(holds).map(|official| official.name.as_str()).collect();
        if let Some(first) = people.first() {
            let count = people.len();
            faults.push(fault(
                "id",
                "unit-has-people",
                format!("还有 {count} 人在该机构有岗位（{first}等），请先结束这些岗位"),
                format!("{count} people hold posts there ({first}, …); end these posts first"),
            ));
        }
        if ground.busy.contains(id) {
            faults.push(fault(
                "id",
                "unit-has-work",
                "该机构还有未办结的办件，请先办结或移交",
                "it has cases that have not ended; finish or hand them over first",
            ));
        }
        none_of(faults)?;
        self.closed.insert(id.to_owned(), ground.now);
        Ok(())
    }

    fn parent_fault(&self, parent: Option<&str>) -> Option<FieldError> {
        parent.filter(|parent| !self.open_units().any(|id| id == *parent)).map(|parent| self.unknown_unit("parent", parent))
    }

    /// Codes are what platforms name units by: one unit each.
    fn code_fault(&self, id: &str, code: Option<&str>) -> Option<FieldError> {
        let other = |(other, unit): &(&String, &Unit)| *other != id && unit.code.as_deref() == code;
        let (_, unit) = self.units.iter().filter(|_| code.is_some()).find(other)?;
        let (name, code) = (&unit.name.zh, code.unwrap_or_default());
        Some(fault("code", "code-taken", format!("代码 {code} 已属于“{name}”"), format!("the code {code} belongs to {name}")))
    }

    /// Whether `unit` is `above` or below it. A tree of so many units is no deeper than that.
    pub fn is_within(&self, unit: &str, above: &str) -> bool {
        let (mut at, mut steps) = (Some(unit), 0);
        while let Some(id) = at.filter(|_| steps <= self.units.len()) {
            if id == above {
                return true;
            }
            at = self.units.get(id).and_then(|unit| unit.parent.as_deref());
            steps += 1;
        }
        false
    }
}

fn facts(name: &Text, kind: &str) -> Vec<FieldError> {
    let kind_fault = (!UNIT_KINDS.contains(&kind)).then(|| {
        let known = UNIT_KINDS.join(", ");
        fault(
            "kind",
            "unknown-kind",
            format!("没有机构类别“{kind}”；可用：{known}"),
            format!("there is no kind of unit `{kind}`; use one of {known}"),
        )
    });
    name_fault("name", &name.zh).into_iter().chain(kind_fault).collect()
}
