//! One connection of the server: RFC 5321 from the other side, and strict about it.

use std::{io, sync::Arc};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufStream},
    net::TcpStream,
};

use super::server::{Offer, Received, Trouble};

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// One connection of the server.
pub(super) struct Session {
    offer: Arc<Offer>,
    stream: BufStream<Box<dyn Stream>>,
    is_encrypted: bool,
    sender: Option<(String, String)>,
    recipient: Option<String>,
}

impl Session {
    /// Serves a client until it goes; one that breaks off is no failure of the server's.
    pub(super) async fn run(stream: TcpStream, offer: Arc<Offer>) {
        let is_implicit = offer.is_implicit;
        let mut stream: Box<dyn Stream> = Box::new(stream);
        if let (true, Some(acceptor)) = (is_implicit, &offer.acceptor) {
            let Ok(encrypted) = acceptor.accept(stream).await else { return };
            stream = Box::new(encrypted);
        }
        let stream = BufStream::new(stream);
        let mut session =
            Self { offer, stream, is_encrypted: is_implicit, sender: None, recipient: None };
        let _ = session.serve().await;
    }

    fn trouble(&self) -> Option<Trouble> {
        self.offer.state.trouble.lock().clone()
    }

    fn offence(&self, what: impl Into<String>) {
        self.offer.state.offences.lock().push(what.into());
    }

    async fn serve(&mut self) -> io::Result<()> {
        if self.trouble() == Some(Trouble::DoesNotGreet) {
            return std::future::pending().await;
        }
        self.say("220 test ESMTP").await?;
        while let Some(line) = self.line().await? {
            if let Some(Trouble::Answers(command, answer)) = self.trouble()
                && line.starts_with(command)
            {
                self.say(answer).await?;
                continue;
            }
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_owned();
            match verb.as_str() {
                "EHLO" => self.greet().await?,
                "STARTTLS" => {
                    if !self.encrypt().await? {
                        return Ok(());
                    }
                }
                "AUTH" => {
                    self.offer.state.credentials.lock().push(line);
                    self.say("235 2.7.0 ok").await?;
                }
                "MAIL" => self.sender(&line).await?,
                "RCPT" => self.recipient(&line).await?,
                "DATA" => {
                    if !self.content().await? {
                        return Ok(());
                    }
                }
                "RSET" => {
                    (self.sender, self.recipient) = (None, None);
                    self.say("250 2.0.0 ok").await?;
                }
                "QUIT" => return self.say("221 2.0.0 bye").await,
                _ => {
                    self.offence(format!("unknown command {verb}"));
                    self.say("500 5.5.2 what").await?;
                }
            }
        }
        Ok(())
    }

    /// The next line without its end, which has to be CRLF.
    async fn line(&mut self) -> io::Result<Option<String>> {
        let mut bytes = Vec::new();
        if self.stream.read_until(b'\n', &mut bytes).await? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&bytes).into_owned();
        let Some(bare) = line.strip_suffix("\r\n") else {
            self.offence("a line that does not end with CRLF");
            return Ok(Some(line.trim_end().to_owned()));
        };
        if bare.contains('\r') || bare.len() > 998 {
            self.offence("a line with CR in it, or too long");
        }
        Ok(Some(bare.to_owned()))
    }

    async fn say(&mut self, answer: &str) -> io::Result<()> {
        self.stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
        self.stream.flush().await
    }

    async fn greet(&mut self) -> io::Result<()> {
        let can_encrypt = self.offer.acceptor.is_some() && !self.is_encrypted;
        let mut lines = vec!["test"];
        lines.extend(&self.offer.extensions);
        lines.extend(can_encrypt.then_some("STARTTLS"));
        let last = lines.len() - 1;
        for (number, line) in lines.into_iter().enumerate() {
            let separator = if number == last { ' ' } else { '-' };
            self.say(&format!("250{separator}{line}")).await?;
        }
        Ok(())
    }

    async fn encrypt(&mut self) -> io::Result<bool> {
        self.say("220 2.0.0 go on").await?;
        let plain =
            std::mem::replace(&mut self.stream, BufStream::new(Box::new(tokio::io::empty())));
        let Some(acceptor) = self.offer.acceptor.clone() else { return Ok(false) };
        let Ok(encrypted) = acceptor.accept(plain.into_inner()).await else { return Ok(false) };
        self.stream = BufStream::new(Box::new(encrypted));
        self.is_encrypted = true;
        Ok(true)
    }

    async fn sender(&mut self, line: &str) -> io::Result<()> {
        let path = line.strip_prefix("MAIL FROM:<").and_then(|rest| rest.split_once('>'));
        let Some((sender, parameters)) = path.filter(|_| self.sender.is_none()) else {
            self.offence("MAIL that is malformed or out of order");
            return self.say("503 5.5.1 no").await;
        };
        self.sender = Some((sender.to_owned(), parameters.trim().to_owned()));
        self.say("250 2.1.0 ok").await
    }

    async fn recipient(&mut self, line: &str) -> io::Result<()> {
        let path = line.strip_prefix("RCPT TO:<").and_then(|rest| rest.strip_suffix('>'));
        let (Some(recipient), Some((_, parameters))) = (path, &self.sender) else {
            self.offence("RCPT that is malformed or out of order");
            return self.say("503 5.5.1 no").await;
        };
        if !recipient.is_ascii() && !parameters.contains("SMTPUTF8") {
            self.offence("an address that is not ASCII without SMTPUTF8");
        }
        self.recipient = Some(recipient.to_owned());
        self.say("250 2.1.5 ok").await
    }

    /// Takes the content; whether the connection goes on.
    async fn content(&mut self) -> io::Result<bool> {
        let (Some((sender, parameters)), Some(recipient)) =
            (self.sender.take(), self.recipient.take())
        else {
            self.offence("DATA out of order");
            self.say("503 5.5.1 no").await?;
            return Ok(true);
        };
        self.say("354 go on").await?;
        let mut content = String::new();
        loop {
            let Some(line) = self.line().await? else { return Ok(false) };
            if self.trouble() == Some(Trouble::DropsContent) {
                return Ok(false);
            }
            if line == "." {
                break;
            }
            if !line.is_ascii() && !parameters.contains("BODY=8BITMIME") {
                self.offence("content that is not ASCII without 8BITMIME");
            }
            content.push_str(line.strip_prefix('.').unwrap_or(&line));
            content.push_str("\r\n");
        }
        if let Some(Trouble::AnswersContent(answer)) = self.trouble() {
            self.say(answer).await?;
            return Ok(true);
        }
        self.offer.state.received.lock().push(Received { sender, recipient, parameters, content });
        self.offer.taken.add_permits(1);
        match self.trouble() {
            Some(Trouble::DropsAnswer) => Ok(false),
            Some(Trouble::IsSilent) => std::future::pending().await,
            _ => {
                self.say("250 2.0.0 taken").await?;
                Ok(true)
            }
        }
    }
}
