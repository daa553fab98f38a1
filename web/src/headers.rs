//! Headers that every answer carries: a strict content policy, no sniffing, no referrer, nothing cached of pages; and over
//! https that it stays https, and that cookies are this host's alone.

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

/// Everything from this host, nothing inline, no frame around us.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                          form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const FIXED: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Adds them where the handler has not said otherwise.
pub async fn add(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in FIXED {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Browsers take a cookie of such a name over https only, and from this very host for all its paths (RFC 6265bis, 4.1.3.2).
const HOST: &str = "__Host-";
/// The same for one path: over https only (RFC 6265bis, 4.1.3.1).
const SECURE: &str = "__Secure-";
/// A year, for hosts below this one too (RFC 6797, 6.1).
const STAY: HeaderValue = HeaderValue::from_static("max-age=31536000; includeSubDomains");

/// Where a proxy in front speaks https: browsers never come without it again, and every cookie has a name that no other
/// host can set. Within, cookies go by their plain names.
pub async fn over_https(mut request: Request, next: Next) -> Response {
    if let Some(ours) = request.headers().get(header::COOKIE).map(ours) {
        request.headers_mut().insert(header::COOKIE, ours);
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::STRICT_TRANSPORT_SECURITY, STAY);
    let cookies: Vec<HeaderValue> = headers.get_all(header::SET_COOKIE).iter().map(prefixed).collect();
    headers.remove(header::SET_COOKIE);
    for cookie in cookies {
        headers.append(header::SET_COOKIE, cookie);
    }
    response
}

/// The cookies that we have set, by their plain names.
fn ours(cookies: &HeaderValue) -> HeaderValue {
    let plain = |pair: &str| pair.strip_prefix(HOST).or_else(|| pair.strip_prefix(SECURE)).map(str::to_owned);
    let kept: Vec<String> = cookies.to_str().unwrap_or_default().split("; ").filter_map(plain).collect();
    HeaderValue::from_str(&kept.join("; ")).unwrap_or(HeaderValue::from_static(""))
}

fn prefixed(cookie: &HeaderValue) -> HeaderValue {
    let Ok(text) = cookie.to_str() else { return cookie.clone() };
    let whole = text.split("; ").skip(1).any(|attribute| attribute.eq_ignore_ascii_case("Path=/"));
    let secure = text.split("; ").any(|attribute| attribute.eq_ignore_ascii_case("Secure"));
    let (prefix, ending) = (if whole { HOST } else { SECURE }, if secure { "" } else { "; Secure" });
    HeaderValue::from_str(&format!("{prefix}{text}{ending}")).unwrap_or_else(|_| cookie.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_goes_out_under_a_name_that_no_other_host_can_set_and_comes_back_under_its_own() {
        let out = |text: &'static str| prefixed(&HeaderValue::from_static(text));
        assert_eq!(out("sid=a; HttpOnly; SameSite=Lax; Secure; Path=/"), "__Host-sid=a; HttpOnly; SameSite=Lax; Secure; Path=/");
        assert_eq!(out("notice=a; Path=/"), "__Host-notice=a; Path=/; Secure");
        assert_eq!(out("way=a; Path=/login/platform"), "__Secure-way=a; Path=/login/platform; Secure");
        let back = ours(&HeaderValue::from_static("sid=from-elsewhere; __Host-sid=a=b; __Secure-way=c"));
        assert_eq!(back, "sid=a=b; way=c");
    }
}
