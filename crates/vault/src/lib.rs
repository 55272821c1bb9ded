//! Sealing: key ring, data keys, sealed values.
