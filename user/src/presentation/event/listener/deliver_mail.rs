//! The wiring of sending mails.

use dullahan_core::CoreBuilder;

use crate::{
    application::functor::{
        ClaimMail, ComposeMailText, CountMail, MintToken, SendWithMailer, SettleMail, deliver_mail,
    },
    presentation::event::transport::{
        AdmitMailProcess, ClaimMailProcess, ComposeMail, DeliverMailSaga, MintTokenProcess,
        SendMail, SettleMailProcess,
    },
};

pub(super) fn register(core: &mut CoreBuilder) {
    core.declare::<DeliverMailSaga>().default(deliver_mail);
    core.declare::<ClaimMailProcess>().default(ClaimMail::new);
    core.declare::<AdmitMailProcess>().default(CountMail::new);
    core.declare::<MintTokenProcess>().default(MintToken::new);
    core.declare::<ComposeMail>().default(ComposeMailText::new);
    core.declare::<SendMail>().default(SendWithMailer::new);
    core.declare::<SettleMailProcess>().default(SettleMail::new);
}
