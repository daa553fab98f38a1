//! Applications, supplements, withdrawals: recorded, then carried out as commands.

use serde_json::Value;
use tongban_engine::{
    interpreter::{Actor, Applicant, Ask, Command, MaterialGiven, Start, codes},
    time::Moment,
};

use super::{
    Inbound, Incoming, Reply,
    answer::{Fate, answer, nonce_used, reused, settled, taken},
    parse,
};
use crate::{
    files::{FILES_MAX, plain_name},
    one_net::messages::{Application, MaterialSent, Outcome, Supplement},
    store::{IntakeRow, IntakeState, Recorded, SubmitError, case_id_for},
};

impl Inbound {
    /// An application, a supplement or a withdrawal: recorded, then carried out.
    pub(super) async fn command(&self, incoming: &Incoming<'_>, body: &[u8]) -> Reply {
        let application_no = incoming.values["application_no"].as_str().unwrap_or_default().to_owned();
        if application_no.is_empty() {
            return answer(incoming.message, &Fate::Answer(Outcome::Malformed, "报文缺少申请编号".to_owned()), None);
        }
        let fate = match self.record_and_carry_out(incoming, &application_no, body).await {
            Ok((outcome, text)) => Fate::Answer(outcome, text),
            Err(fate) => fate,
        };
        answer(incoming.message, &fate, Some(&application_no))
    }

    async fn record_and_carry_out(&self, incoming: &Incoming<'_>, application_no: &str, body: &[u8]) -> Result<(Outcome, String), Fate> {
        let case = case_id_for(self.platform(), application_no);
        if incoming.kind != "application" && self.store.case(&case).await?.is_none() {
            return Err(Fate::TooEarly);
        }
        let body = String::from_utf8_lossy(body).into_owned();
        let row = self.row(incoming, application_no, body.clone());
        let row = match self.store.record_intake(&row).await? {
            Recorded::New => row,
            Recorded::Known(known) if known.body.expose() != body || known.kind != incoming.kind => return Ok(reused()),
            Recorded::Known(known) if known.state == IntakeState::Received => *known,
            Recorded::Known(known) => return Ok(settled(&known)),
            Recorded::NonceUsed => return Ok(nonce_used()),
        };
        self.carry_out(&row, &incoming.values, row.received_at).await
    }

    /// Submits what a recorded message asks for, and notes what became of it.
    pub(super) async fn carry_out(&self, row: &IntakeRow, values: &Value, at: Moment) -> Result<(Outcome, String), Fate> {
        let case = case_id_for(self.platform(), &row.application_no);
        let ask = match self.ask(&row.kind, values, at).await? {
            Ok(ask) => ask,
            Err(reason) => return self.refuse(row, &reason).await,
        };
        let command = Command {
            case: case.clone(),
            key: format!("{}:{}", self.platform(), row.message_id),
            actor: Actor::Platform(self.platform().to_owned()),
            at,
            ask,
        };
        match self.store.submit(command).await {
            Ok(_) => {}
            // One application, one case: a second message about it is answered as the first was.
            Err(SubmitError::Rejected(rejection)) if rejection.code == codes::CASE_EXISTS => {}
            Err(SubmitError::Rejected(rejection)) => {
                let fields = rejection.fields.iter().map(|field| format!("{}：{}", field.path, field.message));
                let reasons: Vec<String> = std::iter::once(rejection.message.to_string()).chain(fields).collect();
                return self.refuse(row, &reasons.join("；")).await;
            }
            Err(SubmitError::Quarantined { message, .. }) => return self.refuse(row, &message).await,
            Err(SubmitError::Store(error)) => return Err(error.into()),
        }
        self.store.settle_intake(self.platform(), &row.message_id, IntakeState::Accepted, Some(&case), None).await?;
        Ok(taken())
    }

    async fn refuse(&self, row: &IntakeRow, reason: &str) -> Result<(Outcome, String), Fate> {
        self.store.settle_intake(self.platform(), &row.message_id, IntakeState::Refused, None, Some(reason)).await?;
        Ok((Outcome::Intake, reason.to_owned()))
    }

    /// What a message asks for; Err: why it cannot be asked.
    async fn ask(&self, kind: &str, values: &Value, now: Moment) -> Result<Result<Ask, String>, Fate> {
        let delivers = self.link.mapping.incoming.get(kind).and_then(|message| message.delivers.clone());
        let Some(message) = delivers else { return Ok(Err(format!("平台映射没有写明“{kind}”交给哪个消息"))) };
        if kind == "application" {
            let application: Application = match parse(values) {
                Ok(application) => application,
                Err(reason) => return Ok(Err(reason)),
            };
            let materials = self.materials(&application.materials).await?;
            return Ok(self.start(application, message, materials, now));
        }
        let supplement: Supplement = match parse(values) {
            Ok(supplement) => supplement,
            Err(reason) => return Ok(Err(reason)),
        };
        let materials = self.materials(&supplement.materials).await?;
        Ok(Ok(Ask::Deliver { message, data: supplement.data, materials }))
    }

    fn start(&self, application: Application, message: String, materials: Vec<MaterialGiven>, now: Moment) -> Result<Ask, String> {
        let (item, unit) = application.task.split_once('@').ok_or_else(|| format!("事项“{}”没有写明办理机关", application.task))?;
        let definition = self.store.by_item(item).ok_or_else(|| format!("没有流程办理事项“{item}”"))?;
        let sent = application.applicant;
        Ok(Ask::Start(Box::new(Start {
            at: None,
            caller: None,
            process: definition.process.id.clone(),
            message: Some(message),
            unit: unit.to_owned(),
            applicant: Applicant { name: sent.name, person: None, unit: None, subject: sent.subject, mail: sent.mail },
            application_no: Some(application.application_no),
            source: self.platform().to_owned(),
            // A platform whose clock is ahead does not receive in our future.
            received_at: Moment(application.received_at.min(now.0)),
            data: application.data,
            materials,
        })))
    }

    /// The uploads that a message names, as they were kept.
    async fn materials(&self, sent: &[MaterialSent]) -> Result<Vec<MaterialGiven>, Fate> {
        if sent.len() > FILES_MAX {
            return Err(Fate::Answer(Outcome::Malformed, format!("材料超过 {FILES_MAX} 份")));
        }
        let mut given = Vec::with_capacity(sent.len());
        for material in sent {
            let upload = self.store.intake_row(self.platform(), &material.upload).await?;
            let kept =
                upload.filter(|row| row.kind == "file").and_then(|row| serde_json::from_str::<MaterialGiven>(row.body.expose()).ok());
            let Some(kept) = kept else { return Err(Fate::TooEarly) };
            given.push(MaterialGiven { material: material.material.clone(), name: plain_name(&material.name), ..kept });
        }
        Ok(given)
    }
}
