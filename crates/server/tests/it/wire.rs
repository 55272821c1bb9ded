//! Proxied calls to the byte: a raw socket is the caller, another is the service, and the whole server stands between.

mod bodies;
mod ends;
mod fields;
mod framing;
mod http2;
mod kit;
mod streams;
mod trailers;
