//! A deterministic simulation of refreshing: replicas, crashes, lost answers, stalls and clocks that jump.
//!
//! `DOVETAIL_SIM_HISTORIES` and `DOVETAIL_SIM_FIRST_SEED` choose which histories are played (`make bench-sim`).

mod database;
mod faults;
mod provider;
mod world;

use world::{Tally, World};

/// Histories of a plain test run.
const HISTORIES: u64 = 20_000;

/// Seeds that once broke a promise, or showed the simulation one that nobody can keep.
const REMEMBERED: &[u64] = &[281, 3669, 98_775, 332_361];

fn play(seed: u64) -> Result<Tally, String> {
    let mut world = World::new(seed);
    world.play().map_err(|broken| format!("seed {seed}: {broken}"))?;
    Ok(world.tally)
}

#[expect(clippy::disallowed_methods, reason = "how much is played is the affair of who runs the test")]
fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[test]
fn remembered_histories_keep_every_promise() {
    for seed in REMEMBERED {
        play(*seed).unwrap();
    }
}

#[test]
fn no_history_loses_a_token_or_redeems_one_twice() {
    let first = number("DOVETAIL_SIM_FIRST_SEED", 1);
    let count = number("DOVETAIL_SIM_HISTORIES", HISTORIES);
    let threads = std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    let parts: Vec<_> = (0..threads)
        .map(|part| {
            std::thread::spawn(move || {
                let mut total = Tally::default();
                for seed in (first..first + count).skip(part as usize).step_by(threads as usize) {
                    total.add(&play(seed)?);
                }
                Ok::<_, String>(total)
            })
        })
        .collect();
    let mut total = Tally::default();
    for part in parts {
        match part.join().unwrap() {
            Ok(tally) => total.add(&tally),
            Err(broken) => panic!("{broken}"),
        }
    }
    eprintln!("{count} histories: {total:?}");
    // The histories are worth something only while they reach the corners.
    for reached in [total.renewed, total.stolen, total.unknown, total.crashes, total.dead, total.lost] {
        assert!(reached > count / 200, "{total:?}");
    }
}
