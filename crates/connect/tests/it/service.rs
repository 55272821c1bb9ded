//! A service that answers each request with what the test says, and remembers what it was asked.

use std::sync::Arc;

use dovetail_egress::{Client, EgressConfig};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// One answer: status, extra header lines, body. A status of 0 is no answer at all.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reply(pub(crate) u16, pub(crate) &'static str, pub(crate) &'static str);

/// A service that stands in for every provider.
pub(crate) struct Service {
    /// A client whose requests all come here.
    pub(crate) egress: Client,
    script: Arc<watch::Sender<Script>>,
}

#[derive(Default)]
struct Script {
    replies: Vec<Reply>,
    requests: Vec<String>,
}

impl Service {
    /// Answers requests in turn; the last reply is repeated.
    pub(crate) async fn answering(replies: impl Into<Vec<Reply>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let script = Arc::new(watch::Sender::new(Script::default()));
        tokio::spawn(serve(listener, Arc::clone(&script)));
        let simulate = Some(format!("http://{address}").parse().unwrap());
        let egress = Client::new(EgressConfig { simulate, ..EgressConfig::default() }).unwrap();
        let service = Self { egress, script };
        service.start_over(replies);
        service
    }

    /// Forgets what was asked, and answers anew.
    pub(crate) fn start_over(&self, replies: impl Into<Vec<Reply>>) {
        self.script.send_replace(Script { replies: replies.into(), requests: Vec::new() });
    }

    /// Waits until so many requests are there.
    pub(crate) async fn asked(&self, requests: usize) {
        let mut script = self.script.subscribe();
        script.wait_for(|script| script.requests.len() >= requests).await.unwrap();
    }

    /// The requests so far: method and intended URL, then head and body as they came.
    pub(crate) fn requests(&self) -> Vec<(String, String)> {
        let asked = |request: &String| {
            let method = request.split(' ').next().unwrap_or_default();
            let url = request.lines().find_map(|line| line.strip_prefix("dovetail-simulated-url: "));
            format!("{method} {}", url.unwrap_or_default())
        };
        self.script.borrow().requests.iter().map(|request| (asked(request), request.clone())).collect()
    }

    /// The heads of the requests so far, in lower case.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.script.borrow().requests.iter().map(|head| head.to_lowercase()).collect()
    }
}

async fn serve(listener: TcpListener, script: Arc<watch::Sender<Script>>) {
    let mut unanswered = Vec::new();
    while let Ok((mut stream, _)) = listener.accept().await {
        let request = read_request(&mut stream).await;
        let mut reply = None;
        script.send_modify(|script| {
            reply = script.replies.get(script.requests.len()).or(script.replies.last()).copied();
            script.requests.push(request);
        });
        let Some(Reply(status, headers, body)) = reply else { continue };
        if status == 0 {
            unanswered.push(stream);
            continue;
        }
        let answer = format!(
            "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n{body}",
            body.len()
        );
        stream.write_all(answer.as_bytes()).await.ok();
    }
}

/// Reads a whole request and gives head and body back.
async fn read_request(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer).await.unwrap_or(0);
        text.push_str(&String::from_utf8_lossy(&buffer[..read]));
        let Some(end) = text.find("\r\n\r\n") else {
            if read == 0 {
                return text;
            }
            continue;
        };
        let length = text
            .lines()
            .find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse::<usize>().ok())
            .unwrap_or(0);
        if text.len() >= end + 4 + length || read == 0 {
            return text;
        }
    }
}
