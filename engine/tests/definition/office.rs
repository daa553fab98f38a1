//! The test office: the dialect's own example, as far as this version executes it, with all it rests on.

use tongban_engine::definition::Bundle;

macro_rules! files {
    ($($path:literal),* $(,)?) => { [$(($path, include_str!(concat!("office/", $path)))),*] };
}

pub(crate) fn bundle() -> Bundle {
    let files = files![
        "forms/calendars/cn.yaml",
        "forms/codes/risk-level.yaml",
        "forms/fields/event.yaml",
        "forms/large-event.yaml",
        "forms/unit-opinion.yaml",
        "workflows/fragments/second-look/fragment.yaml",
        "workflows/permits/large-event/process.yaml",
        "workflows/permits/large-event/templates/acceptance-notice.hbs",
        "workflows/permits/large-event/templates/correction-notice.hbs",
        "workflows/permits/large-event/templates/extension-notice.hbs",
        "workflows/permits/large-event/templates/non-acceptance-notice.hbs",
        "workflows/permits/large-event/templates/permit.hbs",
        "workflows/permits/large-event/templates/refusal.hbs",
        "workflows/permits/large-event/templates/urge.hbs",
        "workflows/roles.yaml",
    ];
    Bundle { files: files.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())).collect() }
}
