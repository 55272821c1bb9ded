//! Every bound of this room, with its unit and the reason for its size.

/// Largest overlay file read, in bytes. The reference's whole list of about a thousand definitions is 1 MB.
pub const OVERLAY_FILE_BYTES: u64 = 8 * 1024 * 1024;

/// Most definitions one catalogue holds. Ten times what is known to exist; a larger overlay is a mistake.
pub const DEFINITIONS: usize = 10_000;

/// Longest template of a definition, in bytes. The longest in use is under 500; keys and assertions never sit in one.
pub const TEMPLATE_BYTES: usize = 8 * 1024;

/// Deepest nesting of template functions. Two are in use; the bound keeps parsing off the stack's end.
pub const TEMPLATE_DEPTH: usize = 16;

/// Longest alias chain. One chain of two exists; a longer one than this is a cycle or a mistake.
pub const ALIAS_CHAIN: usize = 16;

/// Longest pattern of an input field, in bytes. The longest in use is under 200.
pub const PATTERN_BYTES: usize = 2 * 1024;

/// Backtracking steps a pattern with look-around may take on one value before it counts as not matching.
/// Enough for any linear match over [`FIELD_VALUE_BYTES`]; stops a catastrophic pattern within milliseconds.
pub const PATTERN_BACKTRACK_STEPS: usize = 200_000;

/// Compiled size of one pattern, in bytes. A hostile repetition in an overlay file must not eat the memory.
pub const PATTERN_COMPILED_BYTES: usize = 1024 * 1024;

/// Longest value of a form field, in bytes. PEM keys with chains stay under 16 KiB, JWK sets under 64.
pub const FIELD_VALUE_BYTES: usize = 64 * 1024;

/// Longest value of a BASIC user name, password or API key typed into a form, in characters (wire limit).
pub const SHORT_CREDENTIAL_CHARS: usize = 1024;

/// Longest value of an `integration_config` field, in characters (wire limit).
pub const INTEGRATION_CONFIG_CHARS: usize = 8192;

/// Longest value that may be placed in the host part of a URL, in bytes: a DNS name (253), a port, and a base path.
pub const AUTHORITY_VALUE_BYTES: usize = 512;

/// Longest finished URL, in bytes. Common servers refuse request lines over 8 to 16 KiB; ours leaves room.
pub const URL_BYTES: usize = 64 * 1024;

/// Most steps of one guide (guides.md).
pub const GUIDE_STEPS: usize = 12;

/// Most words in the title of a step (guides.md): it must fit beside the form.
pub const GUIDE_TITLE_WORDS: usize = 8;

/// Most sentences in one step (guides.md).
pub const GUIDE_ACTIONS: usize = 10;

/// Most cautions in one step (guides.md).
pub const GUIDE_WARNINGS: usize = 3;

/// Most entries of `needs` and of `notes` (guides.md).
pub const GUIDE_NOTES: usize = 6;

/// Most problems kept for show. More would not be read.
pub const PROBLEMS: usize = 200;
