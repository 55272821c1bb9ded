//! Finding providers by a person's words.

use std::cmp::min;

use super::{Catalog, Listing};

/// Letters a word needs before one slip of the finger is forgiven. Shorter words are too near to each other.
const ONE_SLIP: usize = 4;
/// Letters a word needs before two slips are forgiven.
const TWO_SLIPS: usize = 8;

impl Catalog {
    /// Providers for a person's words: every word must occur in the name, or begin a part of the id, a category, or
    /// the id of the entry that it is an alias of. Best first: the name is the text, begins with it, has a word that
    /// begins with it, contains it, then the rest, each by name. Where nothing fits, words with a slip of the finger
    /// count: one letter wrong, missing, added or swapped, two in long words.
    pub fn search(&self, text: &str) -> Vec<&Listing> {
        let text = text.trim().to_lowercase();
        let words: Vec<&str> = text.split_whitespace().collect();
        let exact = self.ranked(|listing, name| {
            words.iter().all(|word| fits(listing, name, word)).then(|| rank(name, &text))
        });
        if !exact.is_empty() {
            return exact;
        }
        self.ranked(|listing, name| {
            words.iter().try_fold(0, |sum, word| {
                if fits(listing, name, word) { Some(sum) } else { Some(sum + slips(listing, name, word)?) }
            })
        })
    }

    /// Providers whose id contains `term` in any case: `GET /providers?search=`. A dot stands for any character, as it
    /// always has for clients of that route.
    pub fn search_ids<'a>(&'a self, term: &str) -> impl Iterator<Item = &'a Listing> {
        let term = term.to_lowercase();
        self.listings.iter().filter(move |listing| contains(listing.id(), &term))
    }

    fn ranked(&self, rank: impl Fn(&Listing, &str) -> Option<usize>) -> Vec<&Listing> {
        let mut found: Vec<(usize, String, &Listing)> = self
            .listings
            .iter()
            .filter_map(|listing| {
                let name = listing.display_name().to_lowercase();
                Some((rank(listing, &name)?, name, listing))
            })
            .collect();
        found.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        found.into_iter().map(|(_, _, listing)| listing).collect()
    }
}

fn fits(listing: &Listing, name: &str, word: &str) -> bool {
    let begins = |id: &str| id.starts_with(word) || id.split('-').any(|part| part.starts_with(word));
    name.contains(word)
        || begins(listing.id())
        || listing.alias().is_some_and(begins)
        || listing.categories().any(begins)
}

fn rank(name: &str, text: &str) -> usize {
    if name == text {
        0
    } else if name.starts_with(text) {
        1
    } else if parts(name).any(|part| part.starts_with(text)) {
        2
    } else if name.contains(text) {
        3
    } else {
        4
    }
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty())
}

/// The fewest slips that make `word` (the beginning of) a word of the name or a part of the id, if they are forgiven.
fn slips(listing: &Listing, name: &str, word: &str) -> Option<usize> {
    let word: Vec<char> = word.chars().collect();
    let forgiven = match word.len() {
        TWO_SLIPS.. => 2,
        ONE_SLIP.. => 1,
        _ => return None,
    };
    parts(name)
        .chain(listing.id().split('-'))
        .filter_map(|part| {
            let part: Vec<char> = part.chars().collect();
            // Somebody still typing has written the beginning only.
            let ends = word.len().saturating_sub(forgiven)..=min(word.len() + forgiven, part.len());
            ends.map(|end| distance(&word, &part[..min(end, part.len())])).min()
        })
        .min()
        .filter(|slips| *slips <= forgiven)
}

/// Letters to change, add, remove or swap to make one word of the other.
pub(crate) fn slips_between(a: &str, b: &str) -> usize {
    distance(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>())
}

/// Letters to change, add, remove or swap (optimal string alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    let (mut before, mut row) = (Vec::new(), (0..=b.len()).collect::<Vec<_>>());
    for (i, x) in a.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut cost = min(row[j] + usize::from(x != y), min(row[j + 1], next[j]) + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                let swapped: &Vec<usize> = &before;
                cost = min(cost, swapped[j - 1] + 1);
            }
            next.push(cost);
        }
        before = std::mem::replace(&mut row, next);
    }
    row.last().copied().unwrap_or_default()
}

fn contains(id: &str, term: &str) -> bool {
    let (id, term): (Vec<char>, Vec<char>) = (id.chars().collect(), term.chars().collect());
    term.is_empty()
        || id
            .windows(term.len())
            .any(|part| part.iter().zip(&term).all(|(c, wanted)| *wanted == '.' || c == wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn far(a: &str, b: &str) -> usize {
        distance(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>())
    }

    #[test]
    fn a_swap_counts_once() {
        assert_eq!(far("salck", "slack"), 1);
        assert_eq!(far("slak", "slack"), 1);
        assert_eq!(far("slackk", "slack"), 1);
        assert_eq!(far("", "abc"), 3);
        assert_eq!(far("stripe", "slack"), 5);
    }

    #[test]
    fn a_dot_stands_for_any_character_of_an_id() {
        assert!(contains("coda-mcp", "coda") && contains("coda", "o.a") && contains("coda", ""));
        assert!(!contains("coda", "codas") && !contains("coda", "foobar-none"));
    }
}
