//! Pages that need no account: the Connect page and the guides.

mod connect;
mod guides;
mod pair;
