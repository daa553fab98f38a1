//! Whether the case can end from where it stands in the new version: the play of [`crate::soundness`], begun there.

use super::{Migration, Reason, reasons};
use crate::{
    soundness::{Violation, Witness, verdict_from},
    text::Text,
};

impl Migration<'_> {
    /// Plays on from the case's marking, whatever data say: no way may end in a standstill, go round for ever, or end
    /// twice. Where there are too many ways, those that were not looked at do not count; nor does what could go wrong in
    /// the old version just as well.
    pub(super) fn can_end(&mut self) {
        let mut report = verdict_from(&self.versions.new.process, &self.run.case);
        if !report.witnesses.is_empty() {
            let before = verdict_from(&self.versions.old.process, self.found);
            report.witnesses.retain(|now| before.witnesses.iter().all(|was| was.violation != now.violation));
        }
        for witness in &report.witnesses {
            let (id, way) = (&witness.at.id, way(witness));
            let reason = match witness.violation {
                Violation::Deadlock | Violation::Livelock => Reason::refused(
                    reasons::CANNOT_END,
                    Some(id),
                    Text::new(
                        format!("从现在的位置走，办件会停在“{id}”再也办不完：{way}"),
                        format!("from where it stands, the case would be stuck at `{id}`: {way}"),
                    ),
                ),
                Violation::EndsTwice => Reason::refused(
                    reasons::ENDS_TWICE,
                    Some(id),
                    Text::new(
                        format!("从现在的位置走，办件会两次到达结束“{id}”：{way}"),
                        format!("from where it stands, the case would reach the end `{id}` twice: {way}"),
                    ),
                ),
                Violation::Unsafe | Violation::Dead => continue,
            };
            self.refuse(reason);
        }
    }
}

fn way(witness: &Witness) -> String {
    let ids: Vec<&str> = witness.way.iter().map(|passed| passed.id.as_str()).collect();
    if ids.is_empty() { "—".to_owned() } else { ids.join(" → ") }
}
