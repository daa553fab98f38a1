//! The platform alone: it believes only signed messages, and its pages carry a citizen through.

#![expect(clippy::unwrap_used, reason = "tests")]

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::{Value, json};
use tongban_engine::time::Moment;
use tower::ServiceExt;

use super::*;
use crate::{clock::DrivenClock, one_net::sign::Signed};

const MAPPING: &str = include_str!("../../../../workflows/platforms/one-net.yaml");
const NOW: Moment = Moment(1_790_560_800_000);
const TASK: &str = "large-event-permit@jia";

struct World {
    platform: Arc<Platform>,
    clock: Arc<DrivenClock>,
    app: Router,
    _folder: tempfile::TempDir,
}

fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let (mapping, findings) = Mapping::load(&Source { name: "one-net.yaml".into(), text: MAPPING.into() });
    assert!(findings.is_empty(), "{findings:?}");
    let clock = Arc::new(DrivenClock::at(NOW));
    // Nobody listens there: what the platform sends finds no office.
    let (keys, files) = (Keys::fresh().unwrap(), folder.path().join("files"));
    let platform = Platform::new(mapping.unwrap(), keys, clock.clone(), "http://127.0.0.1:9", files, Ledger::in_memory()).unwrap();
    let platform = Arc::new(platform);
    let app = router(platform.clone()).unwrap();
    World { platform, clock, app, _folder: folder }
}

impl World {
    /// The office tells the platform something, properly signed.
    async fn tell(&self, kind: &str, values: &Value) -> StatusCode {
        let message = &self.platform.mapping.outgoing[kind];
        let body = serde_json::to_vec(&message.fields.write(values).unwrap()).unwrap();
        let signed = Signed { method: "POST", path: &message.path, query: "", body: &body };
        let headers = self.platform.mapping.signing.sign(&self.platform.keys, signed, self.clock.now(), "nonce").unwrap();
        let mut request = Request::post(&message.path);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        self.app.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap().status()
    }

    async fn publish(&self) {
        let form = json!({
            "version": 1, "form": "large-event", "name": {"zh": "申请表", "en": "Application"},
            "groups": [{"name": {"zh": "活动", "en": "Event"}, "fields": [
                {"field": "event_name", "name": {"zh": "活动名称", "en": "Name"}, "type": "text", "required": true, "class": "P0"},
                {"field": "event_date", "name": {"zh": "活动日期", "en": "Date"}, "type": "date", "required": false, "class": "P0"}]}],
            "rules": [
                {"must": "is_empty(event_date) || days_between(meta.received_at, event_date) >= 30", "field": "event_date", "message": {"zh": "应提前三十日", "en": "30 days"}},
                {"must": "meta.number == event_name", "field": "event_name", "message": {"zh": "只有机关知道", "en": "the office knows"}}],
            "materials": [{"material": "safety_plan", "name": {"zh": "安全方案", "en": "Safety plan"}, "required": true, "accept": ["pdf"], "basis": "第三十二条"}],
        });
        let item = json!({
            "message_id": "item-1", "at": NOW.0, "task": TASK, "name": {"zh": "大型宗教活动许可", "en": "Permit"},
            "unit_name": {"zh": "甲区民族宗教事务办公室"}, "item": self.platform.mapping.items["large-event-permit"], "form": form,
            "basis": [{"text": "宗教事务条例 第四十二条"}, {"text": "第三十二条", "unverified": "未核"}],
            "limits": [{"name": {"zh": "法定办结时限", "en": "Statutory"}, "words": {"zh": "15 日", "en": "15 days"}, "basis": "第三十二条"}],
        });
        assert_eq!(self.tell("item", &item).await, StatusCode::OK);
    }

    /// A page as citizen and language see it.
    async fn page(&self, path: &str, cookie: &str) -> (StatusCode, String) {
        let request = Request::get(path).header("cookie", cookie).body(Body::empty()).unwrap();
        self.read(request).await
    }

    async fn read(&self, request: Request<Body>) -> (StatusCode, String) {
        let response = self.app.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let place = response.headers().get("location").map(|place| place.to_str().unwrap().to_owned());
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, place.unwrap_or_else(|| String::from_utf8(bytes.to_vec()).unwrap()))
    }

    async fn apply(&self, name: &str, file: Option<&str>) -> (StatusCode, String) {
        self.apply_on(name, "", file).await
    }

    async fn apply_on(&self, name: &str, date: &str, file: Option<&str>) -> (StatusCode, String) {
        let field = |field: &str, value: &str| format!("--x\r\ncontent-disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
        let mut body = [field("event_name", name), field("event_date", date)].concat();
        if let Some(file) = file {
            body +=
                &format!("--x\r\ncontent-disposition: form-data; name=\"materials.safety_plan\"; filename=\"{file}\"\r\n\r\n%PDF-1.7\r\n");
        }
        let request = Request::post(format!("/items/{TASK}/apply"))
            .header("cookie", "citizen=shifan-temple")
            .header("content-type", "multipart/form-data; boundary=x");
        self.read(request.body(Body::from(body + "--x--\r\n")).unwrap()).await
    }
}

#[tokio::test]
async fn only_signed_messages_are_kept() {
    let world = world();
    let path = world.platform.mapping.outgoing["status"].path.clone();
    let forged = Request::post(path).header("x-tb-key", "k").body(Body::from("{}")).unwrap();
    assert_eq!(world.read(forged).await.0, StatusCode::UNAUTHORIZED);
    assert!(matches!(world.platform.ledger()[..], [Entry::Refused { .. }]));

    let status = |step: &str| json!({"message_id": "s1", "seq": 1, "at": NOW.0, "application_no": "A1", "status": {"code": "received", "step": step}});
    assert_eq!(world.tell("status", &status("收件")).await, StatusCode::OK);
    assert_eq!(world.tell("status", &status("收件")).await, StatusCode::OK);
    assert_eq!(world.tell("status", &status("办结")).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(matches!(world.platform.ledger()[1..], [Entry::Received { .. }, Entry::Repeated { .. }, Entry::Repeated { .. }]));
}

#[tokio::test]
async fn a_citizen_applies_and_sees_what_is_missing() {
    let world = world();
    let (status, home) = world.page("/", "").await;
    assert!(status == StatusCode::OK && home.contains("还没有发布任何事项"));
    world.publish().await;
    assert!(world.page("/", "language=en").await.1.contains("Permit"));
    let (status, guide) = world.page(&format!("/items/{TASK}"), "").await;
    assert!(status == StatusCode::OK && guide.contains("待核") && guide.contains("15 日") && guide.contains("安全方案"), "{guide}");
    let (_, place) = world.page(&format!("/items/{TASK}/apply"), "").await;
    assert_eq!(place, format!("/login?back=/items/{TASK}/apply"));

    let (status, page) = world.apply("某法会", None).await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && page.contains("某法会"), "what was typed stays: {page}");
    let (status, place) = world.apply("某法会", Some("方案.pdf")).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{place}");
    let no = place.strip_prefix("/applications/").unwrap();
    assert_eq!(no, "11310101MB990011XC4000141990001202609280001");
    let kinds: Vec<String> = world.platform.lock().state.sendings.values().map(|progress| progress.sending.kind.clone()).collect();
    assert_eq!(kinds, ["file", "application"]);

    let correction = json!({
        "message_id": "s2", "seq": 4, "at": NOW.0, "application_no": no, "status": {"code": "correction", "step": "补正告知", "supplement": true},
        "text": {"zh": "请补正"}, "details": {"missing": ["场地证明"]}, "reply_due": NOW.0 + 86_400_000,
        "documents": [{"id": "9", "title": "补正通知书", "number": "告〔2026〕1号", "made_at": NOW.0, "hash": "", "content": "<h1>补正通知书</h1>"}],
    });
    assert_eq!(world.tell("status", &correction).await, StatusCode::OK);
    let (status, page) = world.page(&place, "citizen=shifan-temple").await;
    assert!(status == StatusCode::OK && page.contains("场地证明") && page.contains("2026-09-29"), "{page}");
    let (_, document) = world.page(&format!("{place}/documents/9"), "citizen=shifan-temple").await;
    assert!(document.contains("<h1>补正通知书</h1>"));
    assert_eq!(world.page(&place, "citizen=jia-buddhist").await.0, StatusCode::NOT_FOUND, "of no concern to others");
    for path in ["/applications", "/operator", "/login", &format!("{place}/supplement"), &format!("{place}/withdraw")] {
        assert_eq!(world.page(path, "citizen=shifan-temple; language=en").await.0, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn rules_across_fields_are_told_before_submitting() {
    let world = world();
    world.publish().await;
    let (status, page) = world.apply_on("某法会", "2026-10-27", Some("方案.pdf")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        page.contains("f-event_date-error") && page.contains("应提前三十日") && page.contains("某法会") && page.contains("2026-10-27"),
        "{page}"
    );
    assert!(!page.contains("f-event_name-error") && !page.contains("规则无法判断"), "what only the office knows is left to it: {page}");
    assert_eq!(world.apply_on("某法会", "2026-10-28", Some("方案.pdf")).await.0, StatusCode::SEE_OTHER, "thirty days ahead");
}

#[tokio::test]
async fn forms_from_elsewhere_are_refused() {
    let world = world();
    let request = Request::post("/logout").header("sec-fetch-site", "cross-site").body(Body::empty()).unwrap();
    assert_eq!(world.read(request).await.0, StatusCode::FORBIDDEN);
    let (_, place) = world.page("/language/en?back=//elsewhere.example", "").await;
    assert_eq!(place, "/");
}
