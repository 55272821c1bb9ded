//! Tests of the server through its router, in memory. One file a route; the kit is in `kit`.

mod api;
mod dashboard;
mod kit;
mod pages;
mod workers;
