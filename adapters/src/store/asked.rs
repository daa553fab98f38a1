//! The word that the journal keeps for what was asked.

use tongban_engine::interpreter::Ask;

/// The word for what was asked.
pub(crate) fn ask_word(ask: &Ask) -> &'static str {
    match ask {
        Ask::Start(_) => "start",
        Ask::Complete { .. } => "complete",
        Ask::Claim { .. } => "claim",
        Ask::Release { .. } => "release",
        Ask::Transfer { .. } => "transfer",
        Ask::HandOver { .. } => "hand_over",
        Ask::Urge { .. } => "urge",
        Ask::Return { .. } => "return",
        Ask::TakeBack { .. } => "take_back",
        Ask::Delegate { .. } => "delegate",
        Ask::GiveBack { .. } => "give_back",
        Ask::AddSigner { .. } => "add_signer",
        Ask::RemoveSigner { .. } => "remove_signer",
        Ask::Sign { .. } => "sign",
        Ask::CopyTo { .. } => "copy_to",
        Ask::MarkRead { .. } => "mark_read",
        Ask::Suspend { .. } => "suspend",
        Ask::Resume { .. } => "resume",
        Ask::Terminate { .. } => "terminate",
        Ask::Reopen { .. } => "reopen",
        Ask::Jump { .. } => "jump",
        Ask::Restart { .. } => "restart",
        Ask::ExtendClock { .. } => "extend_clock",
        Ask::Deliver { .. } => "deliver",
        Ask::Hand { .. } => "hand",
        Ask::FireTimer { .. } => "fire_timer",
        Ask::AnswerJob { .. } => "answer_job",
        Ask::FailJob { .. } => "fail_job",
        Ask::Retry { .. } => "retry",
        Ask::Signal { .. } => "signal",
        Ask::AnswerCall { .. } => "answer_call",
        Ask::Cancel => "cancel",
        Ask::Throw { .. } => "throw",
        Ask::Trigger { .. } => "trigger",
        Ask::Set { .. } => "set",
        Ask::Migrate { .. } => "migrate",
    }
}
