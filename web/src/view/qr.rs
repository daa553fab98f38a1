//! A QR code as the shape of an SVG: one path of dark squares, so that nothing is asked of any other host.

use qrcode::{Color, EcLevel, QrCode};
use serde::Serialize;

/// Light squares around it, as the standard (ISO/IEC 18004) asks.
const MARGIN: usize = 4;

/// What a template needs to draw it.
#[derive(Debug, Serialize)]
pub struct Qr {
    /// Squares a side, with the margin.
    pub side: usize,
    /// Path of the dark squares.
    pub path: String,
}

/// The code of a text; None if it is too long for one.
pub fn qr(text: &str) -> Option<Qr> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (index, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            let (x, y) = (index % width + MARGIN, index / width + MARGIN);
            path.push_str(&format!("M{x} {y}h1v1h-1z"));
        }
    }
    Some(Qr { side: width + 2 * MARGIN, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_finder_patterns_stand_in_three_corners() {
        let qr = qr("otpauth://totp/x?secret=ABC").unwrap_or(Qr { side: 0, path: String::new() });
        let last = qr.side - MARGIN - 1;
        for (x, y, dark) in [(4, 4, true), (last, 4, true), (4, last, true), (5, 5, false), (0, 0, false)] {
            assert_eq!(qr.path.contains(&format!("M{x} {y}h1v1h-1z")), dark, "{x} {y}");
        }
    }
}
