//! Where a log-in comes from, in no more detail than its owner needs to know her own again.

use std::net::{IpAddr, Ipv6Addr};

/// Families of browsers by what their names contain; the first that fits, for each says it is also its ancestors.
const BROWSERS: [(&str, &str); 8] = [
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("QQBrowser", "QQ"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Chromium", "Chrome"),
    ("Safari", "Safari"),
];

/// An address and a family of browsers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    address: Option<IpAddr>,
    browser: &'static str,
}

impl Origin {
    /// Of a request's address and its `User-Agent`.
    pub fn new(address: Option<IpAddr>, user_agent: &str) -> Self {
        let family = BROWSERS.iter().find(|(part, _)| user_agent.contains(part)).map_or("", |(_, family)| family);
        Self { address: address.map(|address| address.to_canonical()), browser: family }
    }

    /// The address as it is shown; empty if it is not known.
    pub(super) fn address(&self) -> String {
        self.address.map(|address| address.to_string()).unwrap_or_default()
    }

    /// `Firefox`, `Edge`; empty for a program.
    pub(super) fn browser(&self) -> &'static str {
        self.browser
    }

    /// What failures are counted by: whoever has an IPv6 address has 2⁶⁴ of them.
    pub(super) fn network(&self) -> String {
        match self.address {
            Some(IpAddr::V6(address)) => Ipv6Addr::from(u128::from(address) >> 64 << 64).to_string(),
            _ => self.address(),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_told_by_its_family_and_a_network_by_its_prefix() {
        let edge = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0";
        let origin = |address: &str, agent: &str| Origin::new(Some(address.parse().unwrap()), agent);
        let told = [origin("2001:db8:1:2:3:4:5:6", edge), origin("::ffff:192.0.2.7", "curl/8"), Origin::default()];
        let told = told.map(|origin| format!("{} {} {}", origin.address(), origin.network(), origin.browser()));
        assert_eq!(told, ["2001:db8:1:2:3:4:5:6 2001:db8:1:2:: Edge", "192.0.2.7 192.0.2.7 ", "  "]);
    }
}
