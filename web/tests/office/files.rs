//! Attachments over HTTP: what is refused and how it is told, what is shown, and what nobody gets to see.

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use tongban_adapters::{
    config::StoreSettings,
    files::{Clamd, Content, Scanner, Scanning, Verdict},
};

use crate::{
    api,
    pages::report,
    rig::{Answer, Browser, Office},
};

const PDF: &[u8] = b"%PDF-1.4 a programme";
/// What a camera writes beside the pixels; a preview must not carry it on.
const MARK: &str = "made-with-a-camera-at-home";

/// An office whose activity report takes pictures, too.
async fn office(change: impl FnOnce(StoreSettings) -> StoreSettings) -> Office {
    let pictures = |path: &str, text: &str| match path {
        "forms/activity-report.yaml" => text.replace("accept: [pdf, docx]", "accept: [pdf, docx, png, jpg]"),
        _ => text.to_owned(),
    };
    Office::open_as(pictures, change).await
}

async fn venue(office: &Office) -> (Browser, String) {
    let mut venue = office.at_desk("feng").await;
    let path = format!("/start/{}", venue.get("/start").await.between("href=\"/start/", "\""));
    (venue, path)
}

/// The documents that clamd knows in these tests.
fn infected() -> Vec<u8> {
    let signature = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/clamav/signature");
    [PDF, b"\n", std::fs::read(signature).unwrap().trim_ascii_end(), b"\n"].concat()
}

/// A PNG of this size by its header, and what is written between header and picture.
fn png(width: u32, height: u32, text: &str) -> Vec<u8> {
    let mut picture = image::DynamicImage::new_rgb8(4, 4).into_rgb8();
    picture.put_pixel(1, 1, image::Rgb([200, 0, 0]));
    let mut bytes = Vec::new();
    picture.write_to(&mut std::io::Cursor::new(&mut bytes), image::ImageFormat::Png).unwrap();
    if (width, height) != (4, 4) {
        bytes[16..20].copy_from_slice(&width.to_be_bytes());
        bytes[20..24].copy_from_slice(&height.to_be_bytes());
    }
    // a text chunk ahead of the picture; nobody who only shows it looks at its check sum
    let chunk = [&u32::try_from(text.len()).unwrap().to_be_bytes(), b"tEXt".as_slice(), text.as_bytes(), &[0; 4]].concat();
    bytes.splice(33..33, chunk);
    bytes
}

/// An empty archive, whose last bytes are its end record.
fn archive() -> Vec<u8> {
    [b"PK\x05\x06".as_slice(), &[0; 18]].concat()
}

#[tokio::test]
async fn what_is_not_what_it_says_is_refused_by_its_name_and_what_was_typed_is_kept() {
    let office = office(|settings| settings).await;
    let (mut venue, path) = venue(&office).await;
    let large = vec![b'x'; 20 * 1024 * 1024];
    let cases: [(&str, &str, Vec<u8>, &str); 9] = [
        ("polyglot", "安排.pdf", [PDF, &archive()].concat(), "不是可以接受的文件类型"),
        ("wrong extension", "安排.png", PDF.to_vec(), "不是可以接受的文件类型"),
        ("HTML", "安排.pdf", b"<html><script>alert(1)</script>".to_vec(), "不是可以接受的文件类型"),
        ("HTML by name", "安排.html", b"<html></html>".to_vec(), "不是可以接受的文件类型"),
        ("SVG", "安排.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), "不是可以接受的文件类型"),
        ("SVG as PNG", "安排.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), "不是可以接受的文件类型"),
        ("0 byte", "安排.pdf", Vec::new(), "是空文件"),
        ("too large", "安排.pdf", [PDF, &large].concat(), "超过 20 MiB"),
        ("pixel flood", "安排.png", png(60_000, 60_000, ""), "超过 5000 万像素"),
    ];
    for (what, name, content, told) in cases {
        let answer = venue.post_files(&path, &report(), &[("programme", name, &content)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{what}");
        assert!(answer.body.contains(told) && answer.body.contains(name), "{what}: {}", answer.body);
        assert!(answer.body.contains("value=\"讲经堂\""), "{what}: what was typed is kept");
    }
}

#[tokio::test]
async fn too_many_files_are_refused() {
    let office = office(|settings| settings).await;
    let (mut venue, path) = venue(&office).await;
    let contents: Vec<Vec<u8>> = (0..51).map(|no| [PDF, format!("{no}").as_bytes()].concat()).collect();
    let files: Vec<(&str, &str, &[u8])> = contents.iter().map(|content| ("programme", "安排.pdf", content.as_slice())).collect();
    let answer = venue.post_files(&path, &report(), &files).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("最多 50 个文件"), "{}", answer.body);
}

#[tokio::test]
async fn no_file_is_taken_without_the_token_that_comes_ahead_of_it() {
    let office = office(|settings| settings).await;
    let (mut venue, path) = venue(&office).await;
    let part = "--g\r\nContent-Disposition: form-data; name=\"materials.programme\"; filename=\"a.pdf\"\r\n\r\n%PDF-1.4\r\n--g--\r\n";
    let answer = venue.send(Method::POST, &path, &[("content-type", "multipart/form-data; boundary=g")], part).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.body);
}

/// A report with one file was sent; the case, and the addresses of the file as its pages give them.
async fn sent(venue: &mut Browser, path: &str, name: &str, content: &[u8]) -> (Answer, String) {
    let answer = venue.post_files(path, &report(), &[("programme", name, content)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let case = answer.location().to_owned();
    let shape = venue.call(Method::GET, &case, "-", &Value::Null).await;
    let file = shape.json()["materials"][0]["href"].as_str().unwrap().to_owned();
    (venue.get(&case).await, file)
}

#[tokio::test]
async fn a_file_is_downloaded_and_never_run() {
    let office = office(|settings| settings).await;
    let (mut venue, path) = venue(&office).await;
    let large = [PDF, &vec![b'x'; 300_000]].concat();
    let (page, file) = sent(&mut venue, &path, "../../etc/说明 1.pdf", &large).await;
    assert!(page.body.contains("说明 1.pdf") && !page.body.contains("etc"), "a name is no path: {}", page.body);
    assert!(page.body.contains("未查毒"), "there is no scanner, and it says so");
    let got = venue.get(&file).await;
    assert_eq!(got.body.as_bytes(), large);
    let header = |name: &str| got.headers[name].to_str().unwrap();
    assert_eq!(header("content-disposition"), "attachment; filename=\"___1.pdf\"; filename*=UTF-8''%E8%AF%B4%E6%98%8E%201.pdf");
    assert_eq!((header("content-security-policy"), header("x-content-type-options")), ("default-src 'none'; sandbox", "nosniff"));
    assert_eq!(venue.get(&format!("{file}/picture")).await.status, StatusCode::NOT_FOUND, "a document is no picture");
    assert!(venue.get(&format!("{file}/view")).await.body.contains("请下载后查看"));
    let mut other = office.at_desk("zhao").await;
    for address in [file.clone(), format!("{file}/view"), format!("{file}/picture")] {
        assert_eq!(other.get(&address).await.status, StatusCode::NOT_FOUND, "{address}");
    }
}

#[tokio::test]
async fn a_picture_is_shown_as_pixels_of_ours() {
    let office = office(|settings| settings).await;
    let (mut venue, path) = venue(&office).await;
    let given = png(4, 4, MARK);
    let (page, file) = sent(&mut venue, &path, "现场.png", &given).await;
    assert!(page.body.contains(&format!("{file}/picture?size")), "{}", page.body);
    assert!(venue.get(&format!("{file}/view")).await.body.contains(&format!("src=\"{file}/picture\"")));
    let picture = venue.get(&format!("{file}/picture")).await;
    assert_eq!(picture.headers["content-type"], "image/jpeg");
    assert_eq!(picture.headers["content-security-policy"], "default-src 'none'; sandbox");
    assert!(picture.body.contains("JFIF") && !picture.body.contains(MARK), "nothing but pixels");
    assert!(venue.get(&file).await.body.contains(MARK), "the original is as it was");
}

fn clamd() -> Option<Clamd> {
    let address = std::env::var("TEST_CLAMD").ok().filter(|address| !address.is_empty());
    if address.is_none() {
        eprintln!("TEST_CLAMD is not set: nothing was asked of a real clamd (tests/clamav/with COMMAND)");
    }
    Some(address?.parse().unwrap())
}

#[tokio::test]
async fn an_infected_file_is_refused_on_pages_and_in_the_api() {
    let Some(clamd) = clamd() else { return };
    let office = office(|settings| StoreSettings { scanner: Some(Arc::new(clamd)), ..settings }).await;
    let (mut venue, path) = venue(&office).await;
    let answer = venue.post_files(&path, &report(), &[("programme", "安排.pdf", &infected())]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("“安排.pdf”中发现病毒") && answer.body.contains("value=\"讲经堂\""), "{}", answer.body);

    let data = api::report()["data"].to_string();
    let head = format!(
        "--g\r\nContent-Disposition: form-data; name=\"data\"\r\n\r\n{data}\r\n--g\r\nContent-Disposition: form-data; name=\"materials.programme\"; filename=\"plan.pdf\"\r\n\r\n"
    );
    let body = [head.as_bytes(), &infected(), b"\r\n--g--\r\n"].concat();
    let token = venue.token().await;
    let headers = [("content-type", "multipart/form-data; boundary=g"), ("x-csrf-token", token.as_str()), ("idempotency-key", "k")];
    let refused = venue.send(Method::POST, &format!("/api/v1{path}"), &headers, body).await;
    assert_eq!((refused.status, refused.json()["code"].clone()), (StatusCode::UNPROCESSABLE_ENTITY, json!("file-refused")));
    assert!(refused.body.contains("plan.pdf"), "{}", refused.body);

    let (page, file) = sent(&mut venue, &path, "安排.pdf", PDF).await;
    assert!(!page.body.contains("未查毒") && venue.get(&file).await.status == StatusCode::OK, "a clean one is taken as ever");
}

/// A scanner that is away.
#[derive(Debug)]
struct Away;

impl Scanner for Away {
    fn scan(&self, _: Content) -> Scanning<'_> {
        Box::pin(async { Err::<Verdict, _>(std::io::Error::from(std::io::ErrorKind::ConnectionRefused).into()) })
    }
}

#[tokio::test]
async fn while_the_scanner_is_away_a_file_is_taken_and_opens_to_nobody() {
    let office = office(|settings| StoreSettings { scanner: Some(Arc::new(Away)), ..settings }).await;
    let (mut venue, path) = venue(&office).await;
    let (page, file) = sent(&mut venue, &path, "现场.png", &png(4, 4, "")).await;
    assert!(page.body.contains("正在查毒") && !page.body.contains("/picture"), "{}", page.body);
    for address in [file.clone(), format!("{file}/picture")] {
        let held = venue.get(&address).await;
        assert_eq!(held.status, StatusCode::CONFLICT, "{address}");
        assert!(held.body.contains("正在查毒"), "{}", held.body);
    }
    let shape = venue.call(Method::GET, file.split_once("/files").unwrap().0, "-", &Value::Null).await;
    assert_eq!(shape.json()["materials"][0]["state"], "waiting");
    let mut operator = office.at_desk("yun").await;
    let outbox = operator.get("/outbox").await;
    assert!(outbox.body.contains("1 个文件等待查毒"), "{}", outbox.body);
}
