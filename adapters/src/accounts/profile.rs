//! What a password must be like: two named profiles, because two norms contradict each other.
//!
//! OWASP ASVS 5.0 (6.2.5, 6.2.10) forbids rules of composition and changes for their own sake; GB/T 22239-2019
//! (等保三级 8.1.4.1) demands both. An office chooses one by its name.

use zxcvbn::{Score, zxcvbn};

/// Letters of a new password, at least.
pub const PASSWORD_LETTERS_MIN: usize = 12;
/// Letters of a new password, at most.
pub const PASSWORD_LETTERS_MAX: usize = 128;
/// Below it a password is one that guessers come to: they know leaked and common ones, names, dates and keyboards.
const SCORE_MIN: Score = Score::Three;
/// Words that anybody would try here.
const HERE: [&str; 3] = ["tongban", "通办", "admin"];

const DAY_MS: i64 = 86_400_000;
/// Failures in a row after which log-ins have to wait.
const FAILURES_FREE: i64 = 5;
/// The first such wait; each further failure doubles it.
const DELAY_MS: i64 = 15_000;
/// The longest wait. There is no lock for good: it would let anybody lock anybody out.
const DELAY_MS_MAX: i64 = 15 * 60_000;

/// The office's profile for passwords and what belongs to them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Passwords {
    /// OWASP ASVS 5.0: long, not guessable, no expiry, no rules of composition.
    #[default]
    Intl,
    /// 等保三级: also three of four classes of letters, 90 days, not one of the last five, and a second factor.
    Djcp3,
}

/// Why a new password is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// Fewer than [`PASSWORD_LETTERS_MIN`] letters.
    #[error("the new password needs {PASSWORD_LETTERS_MIN} letters at least")]
    Short,
    /// More than [`PASSWORD_LETTERS_MAX`] letters.
    #[error("the new password may have {PASSWORD_LETTERS_MAX} letters at most")]
    Long,
    /// Common, leaked, or made of what everybody knows of its owner.
    #[error("the new password is one that guessers try")]
    Guessable,
    /// Fewer than three of: capital letters, small letters, digits, others.
    #[error("the new password needs three of: capital letters, small letters, digits, other characters")]
    Classes,
    /// It is the present one.
    #[error("the new password is the old one")]
    Same,
    /// It was one of the last ones.
    #[error("the new password was used before")]
    Used,
}

impl Passwords {
    /// Whether everybody must have a second factor.
    pub fn second_factor(self) -> bool {
        self == Self::Djcp3
    }

    /// How many passwords, the present one included, a new one must differ from.
    pub(super) fn remembered(self) -> usize {
        match self {
            Self::Intl => 1,
            Self::Djcp3 => 5,
        }
    }

    /// After so many milliseconds a password must be changed.
    pub(super) fn age_ms_max(self) -> Option<i64> {
        (self == Self::Djcp3).then_some(90 * DAY_MS)
    }

    /// How long log-ins from one address to one account wait after so many failures in a row, in milliseconds.
    pub(super) fn delay_ms(self, failures: i64) -> i64 {
        match (self, failures - FAILURES_FREE) {
            (_, ..0) => 0,
            (Self::Intl, beyond) => DELAY_MS.saturating_mul(1_i64 << beyond.min(20)).min(DELAY_MS_MAX),
            (Self::Djcp3, _) => DELAY_MS_MAX,
        }
    }

    /// Looks at a new password; `known` are words about its owner, such as her name.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(self, password: &str, known: &[&str]) -> Result<(), PasswordFault> {
        match password.chars().count() {
            ..PASSWORD_LETTERS_MIN => return Err(PasswordFault::Short),
            PASSWORD_LETTERS_MIN..=PASSWORD_LETTERS_MAX => {}
            _ => return Err(PasswordFault::Long),
        }
        if self == Self::Djcp3 && classes(password) < 3 {
            return Err(PasswordFault::Classes);
        }
        let known: Vec<&str> = known.iter().chain(&HERE).copied().filter(|word| word.chars().nth(1).is_some()).collect();
        // what anybody knows of her does not count as letters (ASVS 6.2.11)
        let rest = known.iter().fold(password.to_lowercase(), |rest, word| rest.replace(&word.to_lowercase(), ""));
        let guessable = rest.chars().count() < PASSWORD_LETTERS_MIN || zxcvbn(password, &known).score() < SCORE_MIN;
        if guessable { Err(PasswordFault::Guessable) } else { Ok(()) }
    }
}

/// How many classes of letters there are in it.
fn classes(password: &str) -> usize {
    let classes: [fn(char) -> bool; 4] = [
        |letter| letter.is_ascii_uppercase(),
        |letter| letter.is_ascii_lowercase(),
        |letter| letter.is_ascii_digit(),
        |letter| !letter.is_ascii_alphanumeric(),
    ];
    classes.iter().filter(|class| password.chars().any(class)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_profile_refuses_what_its_norm_refuses() {
        use PasswordFault::{Classes, Guessable, Long, Short};
        let long = "长".repeat(129);
        type Verdict = Result<(), PasswordFault>;
        let cases: &[(&str, Verdict, Verdict)] = &[
            ("kept-short!", Err(Short), Err(Short)),
            (&long, Err(Long), Err(Long)),
            ("一句只有自己知道的话 2026", Ok(()), Err(Classes)),
            ("otter violin granite mosaic", Ok(()), Err(Classes)),
            ("Otter violin granite 7", Ok(()), Ok(())),
            ("passwordpassword", Err(Guessable), Err(Classes)),
            ("Password123456!", Err(Guessable), Err(Guessable)),
            ("qwertyuiop123456", Err(Guessable), Err(Classes)),
            ("aaaaaaaaaaaaaaa", Err(Guessable), Err(Classes)),
            ("Linxiaoyu-2026", Err(Guessable), Err(Guessable)),
            ("Tongbantongban1", Err(Guessable), Err(Guessable)),
            ("Tongban-20261123", Err(Guessable), Err(Guessable)),
        ];
        for (password, intl, djcp3) in cases {
            assert_eq!(Passwords::Intl.check(password, &["linxiaoyu"]), *intl, "intl: {password}");
            assert_eq!(Passwords::Djcp3.check(password, &["linxiaoyu"]), *djcp3, "djcp3: {password}");
        }
    }

    #[test]
    fn the_fifth_failure_makes_wait_and_no_wait_is_for_good() {
        let waits = |profile: Passwords| [1, 4, 5, 6, 7, 11, 500].map(|failures| profile.delay_ms(failures));
        assert_eq!(waits(Passwords::Intl), [0, 0, 15_000, 30_000, 60_000, 900_000, 900_000]);
        assert_eq!(waits(Passwords::Djcp3), [0, 0, 900_000, 900_000, 900_000, 900_000, 900_000]);
    }
}
