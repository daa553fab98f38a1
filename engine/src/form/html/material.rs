//! Materials: what must be attached, and what is attached already.

use super::{Drawing, id_of, input::truth};
use crate::form::{Attached, Material};

impl<'a> Drawing<'a> {
    /// The materials of the form, with inputs if they may be attached; nothing if the form asks for none.
    pub(super) fn materials(&mut self) {
        let materials = &self.form.materials;
        let concerned = self.view.attach || !self.view.attached.is_empty();
        if materials.is_empty() || !concerned {
            return;
        }
        let title = self.word("材料", "Materials");
        if self.view.attach {
            self.out.tag("fieldset").class("form-group").attribute("id", "f-materials").attribute("tabindex", "-1").end();
            self.out.element("legend", "", title);
            self.ids.insert("f-materials".to_owned());
            materials.iter().for_each(|material| self.material(material));
            self.out.close("fieldset");
        } else {
            self.out.open("section", "form-group").element("h3", "", title).open("dl", "values");
            for material in materials {
                self.out.open("div", "").element("dt", "", material.name.get(self.view.language)).open("dd", "");
                self.attached(material);
                self.out.close("dd").close("div");
            }
            self.out.close("dl").close("section");
        }
    }

    fn material(&mut self, material: &Material) {
        let path = format!("materials.{}", material.id);
        let (id, wrong) = (id_of(&path), self.is_wrong(&path));
        self.out.open("div", if wrong { "field field-wrong" } else { "field" });
        self.out.tag("label").attribute("for", &id).end().say(material.name.get(self.view.language));
        self.required(material.required);
        self.out.close("label");
        let mut hints = Vec::new();
        if !material.accept.is_empty() {
            hints.push(format!("{}{}", self.word("格式：", "kinds of file: "), material.accept.join(", ")));
        }
        if let Some(basis) = &material.basis {
            hints.push(format!("{}{}", self.word("依据：", "basis: "), self.basis(basis)));
        }
        let hints: Vec<&str> = hints.iter().map(String::as_str).collect();
        let described = self.descriptions(&id, &path, &hints);
        if self.files(material).next().is_some() {
            self.attached(material);
            let words = self.word("以上文件已附上，无须重新选择。", "These are attached already; no need to choose them again.");
            self.out.element("p", "hint", words);
        }
        let accept = material.accept.iter().map(|extension| format!(".{extension}")).collect::<Vec<_>>().join(",");
        let tag = self.out.tag("input").attribute("type", "file").attribute("id", &id).attribute("name", &path).flag("multiple", true);
        tag.given("accept", &accept).given("aria-describedby", &described).given("aria-invalid", truth(wrong)).empty();
        self.out.close("div");
        self.ids.insert(id);
    }

    fn files(&self, material: &Material) -> impl Iterator<Item = &'a Attached> {
        let (attached, id) = (self.view.attached, material.id.clone());
        attached.iter().filter(move |file| file.material == id)
    }

    fn attached(&mut self, material: &Material) {
        let files: Vec<&Attached> = self.files(material).collect();
        if files.is_empty() {
            let words = self.word("未提供", "not given");
            self.out.element("p", "absent", words);
            return;
        }
        self.out.open("ul", "attached");
        for file in files {
            self.out.open("li", "");
            match &file.href {
                Some(href) => self.out.tag("a").attribute("href", href).end().say(&file.name).close("a"),
                None => self.out.say(&file.name),
            };
            self.out.close("li");
        }
        self.out.close("ul");
    }
}
