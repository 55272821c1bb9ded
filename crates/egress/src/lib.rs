//! The only door to the network: client, address policy, limits.
