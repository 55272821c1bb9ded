//! The instant and the random id of one request: every `${now…}` and `${random}` of a request agree.

use super::ast::{Offset, Unit};

/// The instant and random id that the templates of one request share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds since the Unix epoch.
    pub now_ms: i64,
    /// A UUID v4, the value of `${random}`.
    pub random: String,
}

impl Moment {
    /// A moment at `now_ms` (milliseconds since the Unix epoch) with `random` as its id.
    pub fn new(now_ms: i64, random: impl Into<String>) -> Self {
        Self { now_ms, random: random.into() }
    }
}

/// `YYYYMMDDTHHMMSSZ`, the form of `x-amz-date`.
pub fn amz_date(now_ms: i64) -> String {
    format_utc(now_ms, "YYYYMMDDTHHmmss[Z]")
}

/// ISO 8601 in UTC with milliseconds.
pub(super) fn iso(ms: i64) -> String {
    format_utc(ms, "YYYY-MM-DDTHH:mm:ss.SSS[Z]")
}

/// `ms` moved by `offset`; `None` when it leaves what can be counted.
pub(super) fn shifted(ms: i64, offset: Offset) -> Option<i64> {
    let by = |unit_ms: i64| offset.amount.checked_mul(unit_ms).and_then(|by| ms.checked_add(by));
    match offset.unit {
        Unit::Milliseconds => by(1),
        Unit::Seconds => by(1_000),
        Unit::Minutes => by(60_000),
        Unit::Hours => by(3_600_000),
        Unit::Days => by(86_400_000),
        Unit::Weeks => by(604_800_000),
        Unit::Months => add_months(ms, offset.amount),
        Unit::Years => add_months(ms, offset.amount.checked_mul(12)?),
    }
}

fn add_months(ms: i64, months: i64) -> Option<i64> {
    let day = ms.div_euclid(86_400_000);
    let (year, month, date) = civil(day);
    let count = (year * 12 + i64::from(month) - 1).checked_add(months)?;
    let (year, month) = (count.div_euclid(12), count.rem_euclid(12) as u32 + 1);
    if !(-200_000..=200_000).contains(&year) {
        return None;
    }
    let day = days(year, month, date.min(month_length(year, month)));
    day.checked_mul(86_400_000)?.checked_add(ms.rem_euclid(86_400_000))
}

const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Formats an instant in UTC by day.js tokens: `YYYY YY M MM MMM MMMM D DD d dd ddd dddd H HH h hh A a m mm s
/// ss SSS Z ZZ`, `[literal]`; the whole formats `X` and `x` are Unix seconds and milliseconds.
pub fn format_utc(ms: i64, format: &str) -> String {
    match format {
        "X" => return ms.div_euclid(1_000).to_string(),
        "x" => return ms.to_string(),
        _ => {}
    }
    let day = ms.div_euclid(86_400_000);
    let (year, month, date) = civil(day);
    let of_day = ms.rem_euclid(86_400_000);
    let (hour, minute, second, milli) =
        (of_day / 3_600_000, of_day / 60_000 % 60, of_day / 1_000 % 60, of_day % 1_000);
    let weekday = DAYS[(day + 4).rem_euclid(7) as usize];
    let month_name = MONTHS[month as usize - 1];
    let hour12 = if hour % 12 == 0 { 12 } else { hour % 12 };

    let mut out = String::with_capacity(format.len() + 8);
    let mut rest = format;
    while let Some(first) = rest.chars().next() {
        if first == '['
            && let Some(close) = rest.find(']').filter(|close| *close > 1)
        {
            out.push_str(&rest[1..close]);
            rest = &rest[close + 1..];
            continue;
        }
        let longest = match first {
            'Y' | 'M' | 'd' => 4,
            'D' | 'H' | 'h' | 'm' | 's' | 'Z' => 2,
            'S' => 3,
            _ => 1,
        };
        let run = rest.chars().take(longest).take_while(|next| *next == first).count();
        let token = &rest[..run * first.len_utf8()];
        let text = match token {
            "YYYY" => format!("{year:04}"),
            "YY" => format!("{:02}", year.rem_euclid(100)),
            "MMMM" => month_name.to_owned(),
            "MMM" => month_name[..3].to_owned(),
            "MM" => format!("{month:02}"),
            "M" => month.to_string(),
            "DD" => format!("{date:02}"),
            "D" => date.to_string(),
            "dddd" => weekday.to_owned(),
            "ddd" => weekday[..3].to_owned(),
            "dd" => weekday[..2].to_owned(),
            "d" => (day + 4).rem_euclid(7).to_string(),
            "HH" => format!("{hour:02}"),
            "H" => hour.to_string(),
            "hh" => format!("{hour12:02}"),
            "h" => hour12.to_string(),
            "A" => if hour < 12 { "AM" } else { "PM" }.to_owned(),
            "a" => if hour < 12 { "am" } else { "pm" }.to_owned(),
            "mm" => format!("{minute:02}"),
            "m" => minute.to_string(),
            "ss" => format!("{second:02}"),
            "s" => second.to_string(),
            "SSS" => format!("{milli:03}"),
            "ZZ" => "+0000".to_owned(),
            "Z" => "+00:00".to_owned(),
            other => other.to_owned(),
        };
        out.push_str(&text);
        rest = &rest[token.len()..];
    }
    out
}

/// Year, month (1..=12) and date (1..=31) of a day counted from 1970-01-01 (proleptic Gregorian).
fn civil(day: i64) -> (i64, u32, u32) {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let date = (of_year - (153 * shifted_month + 2) / 5 + 1) as u32;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 } as u32;
    (year_of_era + era * 400 + i64::from(month <= 2), month, date)
}

/// The inverse of [`civil`].
fn days(year: i64, month: u32, date: u32) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let shifted_month = i64::from((month + 9) % 12);
    let of_year = (153 * shifted_month + 2) / 5 + i64::from(date) - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn month_length(year: i64, month: u32) -> u32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
