//! Files as they travel: without the comments that are for us. They are English prose, the part
//! of a stylesheet or script that compresses worst, and a page's visitor pays for it.

use std::borrow::Cow;

/// `source` as it is sent. Only comments that stand on lines of their own go, so that nothing
/// inside a string or a template literal can be mistaken for one.
pub(super) fn trim<'a>(path: &str, source: &'a [u8]) -> Cow<'a, [u8]> {
    let kind = path.rsplit('.').next().unwrap_or_default();
    let is_script = kind == "js";
    let Some(text) = std::str::from_utf8(source).ok().filter(|_| is_script || kind == "css") else {
        return Cow::Borrowed(source);
    };
    let mut out = String::with_capacity(text.len());
    let mut in_comment = false;
    for line in text.lines() {
        let bare = line.trim();
        if in_comment {
            in_comment = !bare.ends_with("*/");
            continue;
        }
        if bare.is_empty() || (is_script && bare.starts_with("//")) {
            continue;
        }
        if bare.starts_with("/*") {
            match bare.find("*/") {
                None => {
                    in_comment = true;
                    continue;
                }
                Some(end) if end + 2 == bare.len() => continue,
                Some(_) => {}
            }
        }
        out.push_str(bare);
        out.push('\n');
    }
    Cow::Owned(out.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trimmed(path: &str, source: &str) -> String {
        String::from_utf8(trim(path, source.as_bytes()).into_owned()).unwrap()
    }

    #[test]
    fn comments_on_lines_of_their_own_go() {
        assert_eq!(
            trimmed("a.css", "/* one */\n\na { b: c; } /* stays */\n/* two\n   three */\nd {}\n"),
            "a { b: c; } /* stays */\nd {}\n"
        );
        assert_eq!(
            trimmed("a.js", "// one\n  /** two */\n  /**\n   * three\n   */\n  a(\"//\");\n"),
            "a(\"//\");\n"
        );
    }

    #[test]
    fn what_follows_a_comment_on_its_line_stays() {
        assert_eq!(trimmed("a.js", "/* x */ a();\n"), "/* x */ a();\n");
    }

    #[test]
    fn other_files_are_sent_as_they_are() {
        assert_eq!(trimmed("a.json", "{\n  \"//\": 1\n}\n"), "{\n  \"//\": 1\n}\n");
    }
}
