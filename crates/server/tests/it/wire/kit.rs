//! Both ends of a proxied call.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use dovetail_egress::{EgressConfig, Resolve, ResolveFuture};
use dovetail_server::serve;
use dovetail_testkit::tls;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::sync::DropGuard;

use crate::kit::TestApp;

/// Longer than anything here takes, shorter than anybody waits for a test that hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server on a socket, and a service behind it that the test plays itself.
pub(crate) struct Wire {
    app: TestApp,
    pub(crate) address: SocketAddr,
    pub(crate) service: TcpListener,
    base: String,
    _stop: DropGuard,
}

/// One end of one connection.
pub(crate) struct End {
    pub(crate) socket: TcpStream,
    /// What was received and not yet looked at.
    buffer: Vec<u8>,
}

/// Every name is this machine.
struct Loopback;

impl Resolve for Loopback {
    fn resolve(&self, _: &str) -> ResolveFuture {
        Box::pin(std::future::ready(Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)])))
    }
}

impl Wire {
    pub(crate) async fn new() -> Self {
        Self::of(TestApp::with_loopback(|_| {}).await, "http", "127.0.0.1").await
    }

    /// The same, and the service is called as `tls.test` over TLS.
    pub(crate) async fn secure() -> Self {
        let allow = vec!["127.0.0.0/8".parse().unwrap()];
        let tls = Some(tls::trusting());
        let egress = EgressConfig { allow, tls, resolver: Arc::new(Loopback), ..EgressConfig::default() };
        Self::of(TestApp::with_egress(egress).await, "https", tls::HOST).await
    }

    async fn of(app: TestApp, scheme: &str, host: &str) -> Self {
        app.integration("acme", "kit-webhooks").await;
        app.connection("acme", "c-1").await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        tokio::spawn(serve(listener, app.router(), stop.clone()));
        let service = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("{scheme}://{host}:{}", service.local_addr().unwrap().port());
        Self { app, address, service, base, _stop: stop.drop_guard() }
    }

    /// Opens a connection and sends the head of a proxied request; `fields` are further lines without line ends.
    pub(crate) async fn ask(&self, line: &str, fields: &[&str]) -> End {
        let mut caller = self.connect().await;
        caller.say(self.head(line, fields)).await;
        caller
    }

    #[expect(clippy::disallowed_methods, reason = "the raw caller of a test, to its own listener")]
    pub(crate) async fn connect(&self) -> End {
        End::new(TcpStream::connect(self.address).await.unwrap())
    }

    /// The head of a proxied request: `GET /path` becomes `GET /proxy/path HTTP/1.1` with all it needs.
    pub(crate) fn head(&self, line: &str, fields: &[&str]) -> String {
        let (method, target) = line.split_once(' ').unwrap();
        let mut head = format!(
            "{method} /proxy{target} HTTP/1.1\r\nHost: dovetail.test\r\nAuthorization: Bearer {}\r\n\
             Provider-Config-Key: acme\r\nConnection-Id: c-1\r\nBase-Url-Override: {}\r\n",
            self.app.key, self.base
        );
        for field in fields {
            head.push_str(field);
            head.push_str("\r\n");
        }
        head + "\r\n"
    }

    /// The service's end of the next connection.
    pub(crate) async fn accept(&self) -> End {
        let accepted = tokio::time::timeout(PATIENCE, self.service.accept()).await;
        End::new(accepted.expect("nobody called the service").unwrap().0)
    }

    /// Whether nobody called the service.
    pub(crate) async fn is_quiet(&self) -> bool {
        tokio::time::timeout(Duration::from_millis(50), self.service.accept()).await.is_err()
    }
}

impl End {
    fn new(socket: TcpStream) -> Self {
        socket.set_nodelay(true).unwrap();
        Self { socket, buffer: Vec::new() }
    }

    pub(crate) async fn say(&mut self, bytes: impl AsRef<[u8]>) {
        self.socket.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Everything up to and with the next empty line.
    pub(crate) async fn head(&mut self) -> String {
        self.until(b"\r\n\r\n").await
    }

    /// Everything up to and with `mark`.
    pub(crate) async fn until(&mut self, mark: &[u8]) -> String {
        String::from_utf8(self.until_bytes(mark).await).unwrap()
    }

    /// The same for what is no text.
    pub(crate) async fn until_bytes(&mut self, mark: &[u8]) -> Vec<u8> {
        loop {
            if let Some(at) = self.buffer.windows(mark.len()).position(|window| window == mark) {
                let rest = self.buffer.split_off(at + mark.len());
                return std::mem::replace(&mut self.buffer, rest);
            }
            assert!(self.receive().await, "closed after {:?}", String::from_utf8_lossy(&self.buffer));
        }
    }

    pub(crate) async fn take(&mut self, length: usize) -> Vec<u8> {
        while self.buffer.len() < length {
            assert!(self.receive().await, "closed after {:?}", String::from_utf8_lossy(&self.buffer));
        }
        let rest = self.buffer.split_off(length);
        std::mem::replace(&mut self.buffer, rest)
    }

    /// Bytes received and not yet looked at.
    pub(crate) fn held(&self) -> usize {
        self.buffer.len()
    }

    /// What comes until the other side closes or resets.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        while self.receive().await {}
        std::mem::take(&mut self.buffer)
    }

    async fn receive(&mut self) -> bool {
        let read = self.socket.read_buf(&mut self.buffer);
        let read = tokio::time::timeout(PATIENCE, read).await.expect("nothing came");
        read.is_ok_and(|length| length > 0)
    }
}

/// The value of a field of a head; all of them, where it stands several times.
pub(crate) fn values<'a>(head: &'a str, name: &str) -> Vec<&'a str> {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .filter(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
        .collect()
}
