//! A PostgreSQL server of the test binary's own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use dovetail_model::Secret;

const INSTALL: &str = "PostgreSQL is not installed, so half of the store's tests cannot run. \
    Install it (Debian, Ubuntu: apt-get install -y postgresql), or skip that half with DOVETAIL_TEST_POSTGRES=off";

/// Runs until its standard input closes, which it does when the test binary ends in any way. Durability is
/// switched off: the data is thrown away.
const SCRIPT: &str = r#"
set -eu
bin=$1
dir=$(mktemp -d /tmp/dovetail-pg.XXXXXX)
cd "$dir"
trap 'rm -rf "$dir"' EXIT
"$bin/initdb" -D "$dir/data" -U dovetail -A trust -E UTF8 --locale=C --no-sync >"$dir/log" 2>&1 \
    || { cat "$dir/log" >&2; exit 1; }
"$bin/postgres" -D "$dir/data" -k "$dir" -c listen_addresses= -c fsync=off -c synchronous_commit=off \
    -c full_page_writes=off -c max_connections=300 -c shared_buffers=32MB >>"$dir/log" 2>&1 </dev/null &
pid=$!
tries=0
until "$bin/pg_isready" -q -h "$dir"; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || { cat "$dir/log" >&2; kill -QUIT "$pid"; exit 1; }
    sleep 0.05
done
echo "$dir"
read -r _ || true
kill -QUIT "$pid"
wait "$pid" || true
"#;

/// A running server.
#[derive(Debug)]
pub struct Postgres {
    bin: PathBuf,
    folder: PathBuf,
    databases: AtomicU32,
    // Keeps the pipe open that the server's life hangs on.
    _process: Mutex<Child>,
}

/// Whether the operator chose to skip what needs PostgreSQL.
#[expect(clippy::disallowed_methods, reason = "the one switch of the test kit")]
pub fn postgres_is_off() -> bool {
    std::env::var("DOVETAIL_TEST_POSTGRES").is_ok_and(|value| value == "off")
}

/// The URL of a new, empty database. Fails the test when PostgreSQL is not installed; ask
/// [`postgres_is_off`] before.
pub fn fresh_postgres_url() -> Secret {
    static SERVER: OnceLock<Result<Postgres, String>> = OnceLock::new();
    match SERVER.get_or_init(Postgres::start) {
        Ok(server) => server.fresh_database(),
        Err(why) => panic!("{why}"),
    }
}

impl Postgres {
    fn start() -> Result<Self, String> {
        let bin = programs().ok_or(INSTALL)?;
        let mut process = as_ordinary_user()
            .args(["sh", "-c", SCRIPT, "sh"])
            .arg(&bin)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("cannot start PostgreSQL: {error}"))?;
        let output = process.stdout.take().ok_or("no output")?;
        let mut folder = String::new();
        BufReader::new(output).read_line(&mut folder).map_err(|error| error.to_string())?;
        if folder.trim().is_empty() {
            return Err("PostgreSQL did not start; its messages are above".to_owned());
        }
        let folder = PathBuf::from(folder.trim());
        Ok(Self { bin, folder, databases: AtomicU32::new(0), _process: Mutex::new(process) })
    }

    fn fresh_database(&self) -> Secret {
        // One at a time: copying the template wants it for itself.
        static ONE: Mutex<()> = Mutex::new(());
        let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        let name = format!("t{}", self.databases.fetch_add(1, Ordering::SeqCst));
        let made = Command::new(self.bin.join("createdb"))
            .args(["-U", "dovetail", "-T", "template0", "-h"])
            .arg(&self.folder)
            .arg(&name)
            .output();
        match made {
            Ok(output) if output.status.success() => {}
            other => panic!("cannot make a database: {other:?}"),
        }
        let folder = self.folder.to_string_lossy().replace('/', "%2F");
        Secret::new(format!("postgres://dovetail@localhost/{name}?host={folder}"))
    }
}

/// PostgreSQL refuses to run as root; then Debian's user of it runs it.
fn as_ordinary_user() -> Command {
    let root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n");
    if root {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
        command
    } else {
        Command::new("env")
    }
}

/// The folder of the newest installed version's programs.
fn programs() -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = Vec::new();
    for entry in std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten() {
        let bin = entry.path().join("bin");
        let version = entry.file_name().to_string_lossy().parse().unwrap_or(0);
        if is_complete(&bin) {
            found.push((version, bin));
        }
    }
    let newest = found.into_iter().max().map(|(_, bin)| bin);
    newest.or_else(|| {
        ["/usr/local/bin", "/usr/bin", "/opt/homebrew/bin"]
            .iter()
            .map(PathBuf::from)
            .find(|bin| is_complete(bin))
    })
}

fn is_complete(bin: &Path) -> bool {
    ["initdb", "postgres", "pg_isready", "createdb"].iter().all(|program| bin.join(program).exists())
}
