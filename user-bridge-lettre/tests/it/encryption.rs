//! Encryption, with certificates of an authority that only the test trusts.

use std::sync::Arc;

use dullahan_user::port::Mailer as _;
use dullahan_user_bridge_lettre::{SmtpCredentials, SmtpMailer, SmtpSecurity};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

use crate::support::{SmtpServer, mail, mailer_with};

/// An acceptor with a certificate for this name, and the certificate in PEM form.
fn acceptor(name: &str) -> (TlsAcceptor, Vec<u8>) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed([name.to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    // Named, since another crate of a build may bring another one.
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), cert.pem().into_bytes())
}

fn mailer(server: &SmtpServer, security: SmtpSecurity, trusted: Option<Vec<u8>>) -> SmtpMailer {
    mailer_with(server, |settings| {
        settings.host = "localhost".to_owned();
        settings.security = security;
        settings.root_certificates = trusted;
        settings.credentials = Some(SmtpCredentials::new("cellar", "canary"));
    })
}

#[tokio::test]
async fn a_mail_goes_through_both_kinds_of_encryption() {
    for (security, is_implicit) in [(SmtpSecurity::StartTls, false), (SmtpSecurity::Tls, true)] {
        let (acceptor, pem) = acceptor("localhost");
        let server = SmtpServer::offering(vec!["AUTH PLAIN"], Some(acceptor), is_implicit).await;
        let mailer = mailer(&server, security, Some(pem));
        for _ in 0..2 {
            mailer.send(&mail("ada@example.org")).await.unwrap();
        }
        assert_eq!(server.received().len(), 2);
        assert_eq!(server.credentials().len(), 1);
    }
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_or_of_another_gets_neither_credentials_nor_mail() {
    for (name, is_trusted) in [("localhost", false), ("mail.example", true)] {
        for (security, is_implicit) in [(SmtpSecurity::StartTls, false), (SmtpSecurity::Tls, true)]
        {
            let (acceptor, pem) = acceptor(name);
            let server =
                SmtpServer::offering(vec!["AUTH PLAIN"], Some(acceptor), is_implicit).await;
            let mailer = mailer(&server, security, is_trusted.then_some(pem));
            let error = mailer.send(&mail("ada@example.org")).await.unwrap_err();
            assert!(error.to_string().contains("could not be reached"), "{error}");
            assert!(server.credentials().is_empty() && server.received().is_empty());
        }
    }
}

/// Or somebody in between has left the offer out.
#[tokio::test]
async fn a_server_that_does_not_offer_encryption_gets_neither_credentials_nor_mail() {
    let server = SmtpServer::offering(vec!["AUTH PLAIN"], None, false).await;
    let error =
        mailer(&server, SmtpSecurity::StartTls, None).send(&mail("a@x.test")).await.unwrap_err();
    assert!(error.to_string().contains("does not offer STARTTLS"), "{error}");
    assert!(server.credentials().is_empty() && server.received().is_empty());
}
