//! How many routine entries a second may write.

use std::sync::atomic::{AtomicU64, Ordering};

use dovetail_model::Timestamp;

use crate::limits::ROUTINE_PER_SECOND;

/// Counts routine entries by the second, without a lock.
#[derive(Debug, Default)]
pub(crate) struct Allowance(AtomicU64);

impl Allowance {
    /// Takes one of this second's, if there is one left.
    pub(crate) fn take(&self, now: Timestamp) -> bool {
        let second = (now.millis().div_euclid(1000) as u64) << 32;
        let mut known = self.0.load(Ordering::Relaxed);
        loop {
            // The upper half is the second, the lower half what was taken in it.
            let base = if known & !0xffff_ffff == second { known } else { second };
            if base & 0xffff_ffff >= u64::from(ROUTINE_PER_SECOND) {
                return false;
            }
            match self.0.compare_exchange_weak(known, base + 1, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return true,
                Err(other) => known = other,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_second_has_its_own_allowance() {
        let allowance = Allowance::default();
        let taken = |at| (0..2 * ROUTINE_PER_SECOND).filter(|_| allowance.take(Timestamp(at))).count();
        assert_eq!(taken(1_770_091_506_000), ROUTINE_PER_SECOND as usize);
        assert_eq!(taken(1_770_091_506_999), 0);
        assert_eq!(taken(1_770_091_507_000), ROUTINE_PER_SECOND as usize);
    }
}
