//! Send tasks: documents, portal statuses, notices and messages, all as events that the outbox carries out later.

use serde_json::{Map, Value, json};

use super::super::{
    Event, LocalNo, Recipient,
    run::{Run, Stop},
};
use crate::{
    definition::{DocumentOrder, Node, Notify, NotifyTo, SendTask},
    document::Rendered,
    organisation::Post,
    rules::Lookup,
    text::Text,
};

impl Run<'_> {
    /// Sends what a send task sends: the document first, so that the status and the notice can go with it.
    pub(super) fn send(&mut self, node: &Node, send: &SendTask, scope: LocalNo) -> Result<(), Stop> {
        let mut details = Map::new();
        for (name, value) in &send.with {
            details.insert(name.clone(), self.definition.rules.evaluate(value, &self.names(scope))?);
        }
        let documents = match &send.document {
            Some(order) => vec![self.make_document(node, order, scope)?],
            None => Vec::new(),
        };
        if let Some(status) = send.portal {
            self.emit(Event::PortalReported {
                status,
                node: node.id.clone(),
                text: node.public.clone(),
                documents,
                details: details.clone(),
            });
        }
        if let Some(notify) = &send.notify {
            self.notify(node, notify, scope)?;
        }
        if let Some(name) = &send.message {
            let message = self.name_text(&name.text, name.pattern.as_ref(), scope)?;
            self.emit_message(node, message, details, scope)?;
        }
        Ok(())
    }

    fn make_document(&mut self, node: &Node, order: &DocumentOrder, scope: LocalNo) -> Result<LocalNo, Stop> {
        let number = match &order.number {
            Some(series) => Some(self.take_number(series, order.number_pattern.as_ref(), scope)?),
            None => None,
        };
        let document = json!({ "number": number, "date": self.names(scope).meta()["now"] });
        let rendered = self.render(&order.template, scope, "document", document)?;
        let document = self.number();
        self.emit(Event::DocumentMade {
            document,
            node: node.id.clone(),
            template: order.template.clone(),
            name: order.save.clone(),
            title: rendered.subject.unwrap_or_else(|| node.title().zh),
            number,
            html: rendered.html,
            hash: rendered.hash,
        });
        Ok(document)
    }

    /// A notice by mail, to those who have an address; with none it is still on record.
    pub(in super::super) fn notify(&mut self, node: &Node, notify: &Notify, scope: LocalNo) -> Result<(), Stop> {
        let to = self.recipients(&notify.to, scope)?;
        self.notify_people(Some(&node.id), &notify.template, to, scope, Value::Null)
    }

    /// A notice from a template to people; the template sees `extension` if it tells of one.
    pub(in super::super) fn notify_people(
        &mut self,
        node: Option<&str>,
        template: &str,
        to: Vec<Recipient>,
        scope: LocalNo,
        extension: Value,
    ) -> Result<(), Stop> {
        let rendered = self.render(template, scope, "extension", extension)?;
        let text = rendered.text();
        let notice = self.number();
        self.emit(Event::NoticeSent {
            notice,
            node: node.map(str::to_owned),
            template: template.to_owned(),
            to,
            subject: rendered.subject.unwrap_or_else(|| self.case.facts.title.clone()),
            html: rendered.html,
            text,
        });
        Ok(())
    }

    /// A notice that has no template: one paragraph.
    pub(in super::super) fn notify_plainly(&mut self, node: Option<String>, to: Vec<Recipient>, subject: String, text: String) {
        let html = format!("<p>{}</p>", escape(&text));
        let notice = self.number();
        self.emit(Event::NoticeSent { notice, node, template: String::new(), to, subject, html, text });
    }

    fn recipients(&self, to: &NotifyTo, scope: LocalNo) -> Result<Vec<Recipient>, Stop> {
        Ok(match to {
            NotifyTo::Lane(lane) => match self.definition.process.lanes.get(lane) {
                Some(lane) => self.people_at(&self.post_of_lane(lane, scope)?),
                None => Vec::new(),
            },
            NotifyTo::Task(node) => self.people_with(node),
            NotifyTo::Applicant => self.applicant(),
            NotifyTo::Expression(expression) => match self.definition.rules.evaluate(expression, &self.names(scope))? {
                Value::String(mail) if mail.contains('@') => vec![Recipient { name: mail.clone(), mail }],
                Value::String(unit) => self.people_of(&unit),
                other => {
                    return Err(Stop::Failed(Text::new(
                        format!("{}：“{}”应当给出机构或邮箱，得到的是 {other}", expression.place, expression.text),
                        format!("{}: `{}` should give a unit or a mail address, but gave {other}", expression.place, expression.text),
                    )));
                }
            },
        })
    }

    /// The applicant's mail address: as given with the application, or of the applicant's account, or of its unit's people.
    pub(in super::super) fn applicant(&self) -> Vec<Recipient> {
        let applicant = &self.case.facts.applicant;
        if let Some(mail) = &applicant.mail {
            return vec![Recipient { name: applicant.name.clone(), mail: mail.clone() }];
        }
        let person = applicant.person.as_ref().and_then(|id| self.context.organisation.people.get(id));
        if let Some((person, mail)) = person.and_then(|person| Some((person, person.mail.clone()?))) {
            return vec![Recipient { name: person.name.clone(), mail }];
        }
        applicant.unit.as_deref().map(|unit| self.people_of(unit)).unwrap_or_default()
    }

    /// Those who do the work of a post in this case, with their addresses.
    pub(in super::super) fn people_at(&self, post: &Post) -> Vec<Recipient> {
        let workers = self.context.organisation.workers(&post.role, &post.unit, self.case.matter());
        workers.filter_map(|(_, person)| Some(Recipient { name: person.name.clone(), mail: person.mail.clone()? })).collect()
    }

    /// Whoever has an open task of a node: its assignee, else those who may take it; each once.
    fn people_with(&self, node: &str) -> Vec<Recipient> {
        let mut people: Vec<Recipient> = Vec::new();
        for task in self.case.tasks.values().filter(|task| task.node == node) {
            let assignee = task.assignee.as_ref().and_then(|id| self.context.organisation.people.get(id));
            let theirs = match assignee {
                Some(person) => person.mail.iter().map(|mail| Recipient { name: person.name.clone(), mail: mail.clone() }).collect(),
                None => self.people_at(&task.post),
            };
            people.extend(theirs.into_iter().filter(|one| !people.contains(one)).collect::<Vec<_>>());
        }
        people
    }

    fn people_of(&self, unit: &str) -> Vec<Recipient> {
        let people = self.context.organisation.people.values().filter(|person| person.posts.iter().any(|post| post.unit == unit));
        people.filter_map(|person| Some(Recipient { name: person.name.clone(), mail: person.mail.clone()? })).collect()
    }

    /// Renders a template over everything that the scope sees, and `name` besides; what was never written is there as null.
    fn render(&self, template: &str, scope: LocalNo, name: &str, value: Value) -> Result<Rendered, Stop> {
        let names = self.names(scope);
        let mut seen = Map::new();
        for name in self.definition.process.data.fields.keys() {
            seen.insert(name.clone(), names.value(name).unwrap_or(Value::Null));
        }
        let mut at = Some(scope);
        while let Some(state) = at.and_then(|no| self.case.scopes.get(&no)) {
            for (name, value) in &state.locals {
                seen.entry(name.clone()).or_insert_with(|| value.clone());
            }
            at = state.parent;
        }
        let meta = names.meta();
        seen.insert(name.to_owned(), value);
        seen.insert("application_no".to_owned(), meta["application_no"].clone());
        seen.insert("meta".to_owned(), meta);
        Ok(self.definition.templates.render(template, &Value::Object(seen))?)
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
