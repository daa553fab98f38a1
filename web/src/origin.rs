//! Where a request comes from: the address that it came by, or the one that a trusted proxy names.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, Request},
    http::header,
};
use tongban_adapters::accounts::Origin;

/// Address and family of browsers of a request.
pub fn of(request: &Request, proxies: &[IpAddr]) -> Origin {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical());
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    // each proxy adds whom it heard from: the last who is no proxy of ours is the first whose word is not to be taken
    let named = text("x-forwarded-for").rsplit(',').map(|part| part.trim().parse::<IpAddr>().map(|address| address.to_canonical()));
    let mut named = named.map_while(Result::ok).filter(|address| !proxies.contains(address));
    let address = match peer {
        Some(peer) if proxies.contains(&peer) => named.next().or(Some(peer)),
        peer => peer,
    };
    Origin::new(address, text(header::USER_AGENT.as_str()))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use axum::body::Body;

    use super::*;

    #[test]
    fn only_our_own_proxies_are_believed() {
        let proxies = ["10.0.0.1", "10.0.0.2"].map(|address| address.parse().unwrap());
        for (peer, forwarded, address) in [
            ("192.0.2.7", "", "192.0.2.7"),
            ("192.0.2.7", "198.51.100.1", "192.0.2.7"),
            ("10.0.0.1", "", "10.0.0.1"),
            ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "203.0.113.9, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
            ("10.0.0.1", "198.51.100.1, nonsense", "10.0.0.1"),
        ] {
            let peer = SocketAddr::new(peer.parse().unwrap(), 5000);
            let request = Request::get("/").header("x-forwarded-for", forwarded).extension(ConnectInfo(peer)).body(Body::empty()).unwrap();
            assert_eq!(of(&request, &proxies), Origin::new(Some(address.parse().unwrap()), ""), "{peer} {forwarded}");
        }
    }
}
