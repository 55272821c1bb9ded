//! The nouns of Dovetail: ids, states, credentials, time and randomness.
