//! The colours of `assets/css/tokens.css`, judged: text on its own ground must be legible to everyone (WCAG 1.4.3, 1.4.11).

use std::collections::BTreeMap;

const TOKENS: &str = include_str!("../../assets/css/tokens.css");
/// Ink on ground, and the least contrast: 4.5 for text, 3 for what bounds a control.
const PAIRS: [(&str, &str, f64); 17] = [
    ("text", "ground", 4.5),
    ("text", "surface", 4.5),
    ("text-2", "ground", 4.5),
    ("text-2", "surface", 4.5),
    ("text-2", "surface-2", 4.5),
    ("border", "ground", 3.0),
    ("primary", "ground", 4.5),
    ("primary", "surface", 4.5),
    ("primary-hover", "primary-ground", 4.5),
    ("ground", "primary", 4.5),
    ("ground", "primary-hover", 4.5),
    ("danger", "ground", 4.5),
    ("danger", "overdue-ground", 4.5),
    ("normal", "normal-ground", 4.5),
    ("soon", "soon-ground", 4.5),
    ("overdue", "overdue-ground", 4.5),
    ("paused", "paused-ground", 4.5),
];

fn colours() -> BTreeMap<&'static str, [f64; 3]> {
    let lines = TOKENS.lines().filter_map(|line| line.trim().strip_prefix("--")?.strip_suffix(';')?.split_once(": #"));
    let channel = |hex: &str, at: usize| f64::from(u8::from_str_radix(&hex[at..at + 2], 16).expect("a colour"));
    lines.map(|(name, hex)| (name, [0, 2, 4].map(|at| channel(hex, at) / 255.0))).collect()
}

/// Relative luminance, WCAG 2.2.
fn luminance(colour: [f64; 3]) -> f64 {
    let linear = |c: f64| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) };
    let [r, g, b] = colour.map(linear);
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

#[test]
fn every_ink_is_legible_on_its_ground() {
    let colours = colours();
    for (ink, ground, least) in PAIRS {
        let (a, b) = (luminance(colours[ink]), luminance(colours[ground]));
        let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
        assert!(contrast >= least, "{ink} on {ground}: {contrast:.2}, at least {least}");
    }
}
