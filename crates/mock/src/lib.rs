//! Simulated providers: credentials, echoes, faults on demand.
