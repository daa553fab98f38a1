//! Numbers with check digits or fixed shapes: resident identity number, social credit code, mobile, mail.

use jiff::civil::Date;

/// Characters of GB 32100-2015, in the order of their values: no I, O, S, V, Z.
const CREDIT_ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const CREDIT_WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
const RESIDENT_WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const RESIDENT_CHECKS: &[u8; 11] = b"10X98765432";
/// The longest mail address, RFC 5321.
const MAIL_MAX: usize = 254;

/// What is wrong with a resident identity number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResidentIdError {
    /// Not 17 digits and a digit or capital X.
    Shape,
    /// Digits 7–14 are no day of the calendar.
    BirthDate,
    /// The last character does not fit the others.
    CheckDigit,
}

/// The birth date in a resident identity number, GB 11643-1999: 6 digits region, 8 birth date, 3 sequence, 1 check.
///
/// # Errors
/// What is wrong with it; the shape is looked at first, the check digit last.
pub fn resident_id(number: &str) -> Result<Date, ResidentIdError> {
    let bytes = number.as_bytes();
    let (digits, check) = match bytes {
        [digits @ .., check] if digits.len() == 17 && digits.iter().all(u8::is_ascii_digit) => (digits, *check),
        _ => return Err(ResidentIdError::Shape),
    };
    if !check.is_ascii_digit() && check != b'X' {
        return Err(ResidentIdError::Shape);
    }
    let part = |from: usize, to: usize| digits[from..to].iter().fold(0i16, |sum, digit| sum * 10 + i16::from(digit - b'0'));
    let narrow = |number: i16| i8::try_from(number).unwrap_or(i8::MAX);
    let born = Date::new(part(6, 10), narrow(part(10, 12)), narrow(part(12, 14))).map_err(|_| ResidentIdError::BirthDate)?;
    let sum: u32 = digits.iter().zip(RESIDENT_WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    if RESIDENT_CHECKS[(sum % 11) as usize] != check {
        return Err(ResidentIdError::CheckDigit);
    }
    Ok(born)
}

/// What is wrong with a unified social credit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreditCodeError {
    /// Not 18 of the 31 characters.
    Shape,
    /// The last character does not fit the others.
    CheckDigit,
}

/// Checks a unified social credit code, GB 32100-2015.
///
/// # Errors
/// What is wrong with it.
pub fn social_credit_code(code: &str) -> Result<(), CreditCodeError> {
    let values: Option<Vec<usize>> = code.chars().map(|c| CREDIT_ALPHABET.find(c)).collect();
    let values = values.filter(|values| values.len() == 18).ok_or(CreditCodeError::Shape)?;
    let sum: usize = values.iter().zip(CREDIT_WEIGHTS).map(|(value, weight)| value * weight).sum();
    if (31 - sum % 31) % 31 == values[17] { Ok(()) } else { Err(CreditCodeError::CheckDigit) }
}

/// Whether it is a mainland mobile number: 11 digits, the first 1, the second 3–9.
pub fn is_mobile(number: &str) -> bool {
    let bytes = number.as_bytes();
    bytes.len() == 11 && bytes.iter().all(u8::is_ascii_digit) && bytes[0] == b'1' && bytes[1] >= b'3'
}

/// Whether it is a mail address that a mail server on the internet can take.
pub fn is_mail(address: &str) -> bool {
    let options = email_address::Options::default().with_required_tld().without_display_text().without_domain_literal();
    address.len() <= MAIL_MAX && address.is_ascii() && email_address::EmailAddress::parse_with_options(address, options).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// domain.md D.1: the standard's own samples and synthetic ones.
    #[test]
    fn resident_numbers() {
        for good in ["11010519491231002X", "440524188001010014", "310101199001010012", "310115198506151236"] {
            assert!(resident_id(good).is_ok(), "{good}");
        }
        for (bad, error) in [
            ("", ResidentIdError::Shape),
            ("31010119900101001", ResidentIdError::Shape),
            ("3101011990010100122", ResidentIdError::Shape),
            ("11010519491231002x", ResidentIdError::Shape),
            ("11010519491231002Y", ResidentIdError::Shape),
            ("3101011990X1010012", ResidentIdError::Shape),
            ("３10101199001010012", ResidentIdError::Shape),
            ("310101199002300012", ResidentIdError::BirthDate),
            ("310101199013010012", ResidentIdError::BirthDate),
            ("310101190002290012", ResidentIdError::BirthDate),
            ("310101199001010013", ResidentIdError::CheckDigit),
            ("310101199001010021", ResidentIdError::CheckDigit),
            ("310115198506151263", ResidentIdError::CheckDigit),
        ] {
            assert_eq!(resident_id(bad), Err(error), "{bad}");
        }
    }

    #[test]
    fn the_birth_date_is_told() {
        assert_eq!(resident_id("310115198506151236").map(|date| date.to_string()), Ok("1985-06-15".to_owned()));
    }

    /// domain.md D.2.
    #[test]
    fn credit_codes() {
        for good in ["12440300MB2C92173E", "91350100M000100Y43", "71310101MB0000000N", "51310000MB1234562D"] {
            assert_eq!(social_credit_code(good), Ok(()), "{good}");
        }
        for (bad, error) in [
            ("12440300MB2C92173A", CreditCodeError::CheckDigit),
            ("71310101MB000000N0", CreditCodeError::CheckDigit),
            ("71310101MB0000000", CreditCodeError::Shape),
            ("71310101MB0000000I", CreditCodeError::Shape),
            ("71310101mb0000000n", CreditCodeError::Shape),
            ("", CreditCodeError::Shape),
        ] {
            assert_eq!(social_credit_code(bad), Err(error), "{bad}");
        }
    }

    #[test]
    fn mobiles_and_mails() {
        assert!(is_mobile("13800005678") && is_mobile("19912345678"));
        for bad in ["1380000567", "138000056789", "12800005678", "23800005678", "138 0000567", "+8613800005678"] {
            assert!(!is_mobile(bad), "{bad}");
        }
        assert!(is_mail("wang@example.cn") && is_mail("a.b+c@mail.example.com"));
        for bad in ["wang", "wang@", "@example.cn", "wang@example", "wang @example.cn", "王 <w@example.cn>", "w@[127.0.0.1]", "a@b..cn"] {
            assert!(!is_mail(bad), "{bad}");
        }
    }
}
