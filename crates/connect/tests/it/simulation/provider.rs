//! A provider that rotates refresh tokens and withdraws the whole grant when one is presented again.

use std::collections::HashMap;

/// Where the answer to a redemption is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// On its way to a process that waits for it.
    Travelling { replica: usize, life: u32, ask: u64 },
    /// In the memory of a process.
    Received { replica: usize, life: u32 },
    /// In the database.
    Durable,
    /// Nobody will ever have it.
    Lost,
}

#[derive(Clone, Copy, Debug)]
struct Token {
    grant: u64,
    /// What it was redeemed for.
    redeemed: Option<u64>,
}

/// What the provider gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    /// Both tokens at once: the access token has the same number.
    pub(super) refresh: u64,
    /// The access token.
    pub(super) access: u64,
}

#[derive(Debug)]
pub(super) struct Provider {
    rotates: bool,
    /// Life of access tokens, in ms.
    pub(super) life: u64,
    next: u64,
    tokens: HashMap<u64, Token>,
    withdrawn: Vec<u64>,
    /// True end of access tokens, and their grant.
    access: HashMap<u64, (u64, u64)>,
    pub(super) fates: HashMap<u64, Fate>,
    pub(super) redemptions: HashMap<u64, u32>,
}

/// What came of a token request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Redeemed {
    New(Pair),
    Dead,
}

impl Provider {
    pub(super) fn new(rotates: bool, life: u64) -> Self {
        Self {
            rotates,
            life,
            next: 1,
            tokens: HashMap::new(),
            withdrawn: Vec::new(),
            access: HashMap::new(),
            fates: HashMap::new(),
            redemptions: HashMap::new(),
        }
    }

    fn issue(&mut self, grant: u64, now: u64) -> Pair {
        self.next += 1;
        let number = self.next;
        self.tokens.insert(number, Token { grant, redeemed: None });
        self.access.insert(number, (grant, now + self.life));
        Pair { refresh: number, access: number }
    }

    /// The end user gives a new grant.
    pub(super) fn link(&mut self, now: u64) -> Pair {
        self.next += 1;
        let grant = self.next;
        let pair = self.issue(grant, now);
        self.fates.insert(pair.refresh, Fate::Durable);
        pair
    }

    /// Redeems a refresh token. `Err` names the rule that was broken.
    pub(super) fn redeem(&mut self, refresh: u64, now: u64) -> Result<Redeemed, String> {
        let Some(token) = self.tokens.get(&refresh).copied() else { return Err("an unknown token".into()) };
        if self.withdrawn.contains(&token.grant) {
            return Ok(Redeemed::Dead);
        }
        if let Some(successor) = token.redeemed.filter(|_| self.rotates) {
            self.withdrawn.push(token.grant);
            return match self.fates.get(&successor) {
                Some(Fate::Lost) | None => Ok(Redeemed::Dead),
                Some(fate) => {
                    Err(format!("token {refresh} is presented again, and its successor is {fate:?}"))
                }
            };
        }
        if !self.rotates {
            self.next += 1;
            let access = self.next;
            self.access.insert(access, (token.grant, now + self.life));
            return Ok(Redeemed::New(Pair { refresh, access }));
        }
        let times = self.redemptions.entry(refresh).or_default();
        *times += 1;
        if *times > 1 {
            return Err(format!("token {refresh} is redeemed twice"));
        }
        let pair = self.issue(token.grant, now);
        if let Some(token) = self.tokens.get_mut(&refresh) {
            token.redeemed = Some(pair.refresh);
        }
        Ok(Redeemed::New(pair))
    }

    /// The end user withdraws every grant.
    pub(super) fn withdraw_all(&mut self) {
        self.withdrawn.extend(self.tokens.values().map(|token| token.grant));
    }

    pub(super) fn accepts(&self, access: u64, now: u64) -> bool {
        self.access.get(&access).is_some_and(|(grant, end)| now < *end && !self.withdrawn.contains(grant))
    }

    /// Whether a refresh token could still be redeemed.
    pub(super) fn is_alive(&self, refresh: u64) -> bool {
        self.tokens.get(&refresh).is_some_and(|token| {
            !self.withdrawn.contains(&token.grant) && (!self.rotates || token.redeemed.is_none())
        })
    }

    pub(super) fn rotates(&self) -> bool {
        self.rotates
    }
}
