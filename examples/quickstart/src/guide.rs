//! What the program prints when it is up: the calls to try, complete.

use std::net::SocketAddr;

use crate::settings::Settings;

/// Prints where it listens and what to try.
#[expect(clippy::print_stdout, reason = "this is what a person at the terminal is to read")]
pub(crate) fn print(address: SocketAddr, settings: &Settings) {
    println!("{}", text(address, settings));
}

fn text(address: SocketAddr, settings: &Settings) -> String {
    let at = format!("http://localhost:{}", address.port());
    let (mails, token) = match &settings.smtp {
        Some(smtp) => (format!("to {}:{}", smtp.host, smtp.port), "paste it here".to_owned()),
        None => {
            let mailbox = settings.mailbox.display();
            let token =
                format!("$(cat {mailbox}/*.eml | grep -oE '^[A-Za-z0-9_-]{{43}}' | tail -n 1)");
            (format!("in {mailbox}"), token)
        }
    };
    let json = "-H 'Content-Type: application/json'";
    format!(
        r#"listening on {at}, users in {database}, mails {mails}

1. register (a wrong answer about the horse is refused):
   curl -i {at}/auth/registration {json} \
     -d '{{"email":"ada@example.org","password":"correct horse battery staple","extra":{{"horse_legs":"four"}}}}'

2. activate, with the token from the mail and the password:
   TOKEN={token}
   curl -i {at}/auth/activation {json} \
     -d '{{"token":"'$TOKEN'","password":"correct horse battery staple"}}'

3. log in, once as a program and once as a browser:
   BEARER=$(curl -s {at}/auth/login {json} \
     -d '{{"identifier":"ada@example.org","password":"correct horse battery staple","transport":"bearer"}}' \
     | grep -oE '"access_token":"[^"]+' | cut -d'"' -f4)
   curl -i -c cookies.txt {at}/auth/login {json} \
     -d '{{"identifier":"ada@example.org","password":"correct horse battery staple","transport":"cookie"}}'

4. ask for the account, and for a route of the application's own:
   curl -i {at}/account -H "Authorization: Bearer $BEARER"
   curl -i -b cookies.txt {at}/hello

5. log out; the account is closed to that token then:
   curl -i -X POST {at}/auth/logout {json} -H "Authorization: Bearer $BEARER"
   curl -i {at}/account -H "Authorization: Bearer $BEARER"
"#,
        database = settings.database_url,
    )
}
