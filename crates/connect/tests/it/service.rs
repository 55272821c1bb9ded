//! A service that answers each request with what the test says, and remembers what it was asked.

use std::sync::{Arc, Mutex};

use dovetail_egress::{Client, EgressConfig};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// One answer: status, extra header lines, body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reply(pub(crate) u16, pub(crate) &'static str, pub(crate) &'static str);

/// A service that stands in for every provider.
pub(crate) struct Service {
    /// A client whose requests all come here.
    pub(crate) egress: Client,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Service {
    /// Answers requests in turn; the last reply is repeated.
    pub(crate) async fn answering(replies: &'static [Reply]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&heads);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let head = read_request(&mut stream).await;
                let position = {
                    let mut seen = seen.lock().unwrap();
                    seen.push(head);
                    seen.len() - 1
                };
                let Some(reply) = replies.get(position).or(replies.last()) else { continue };
                let Reply(status, headers, body) = reply;
                let answer = format!(
                    "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n{body}",
                    body.len()
                );
                stream.write_all(answer.as_bytes()).await.ok();
            }
        });
        let simulate = Some(format!("http://{address}").parse().unwrap());
        let egress = Client::new(EgressConfig { simulate, ..EgressConfig::default() }).unwrap();
        Self { egress, heads }
    }

    /// The heads of the requests so far, in lower case.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().iter().map(|head| head.to_lowercase()).collect()
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
