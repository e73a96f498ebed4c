//! `check`: whether definitions are sound, without a cluster.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::declaration::{Judge, is_declaration};
use super::manifest::{Content, Manifest, files};
use super::problem::Problem;

/// Standard input.
const STDIN: &str = "-";

/// What was found.
#[derive(Debug, Default)]
struct Findings {
    definitions: usize,
    problems: Vec<Problem>,
    notes: Vec<String>,
}

/// Checks files, folders and, as `-`, standard input. Problems go to standard output, one a line; the exit code is 1 if there
/// is one.
pub(crate) fn check(paths: &[PathBuf]) -> anyhow::Result<ExitCode> {
    let judge = Judge::new()?;
    let mut findings = Findings::default();
    for path in paths {
        findings.path(&judge, path);
    }
    let mut output = io::stdout().lock();
    for problem in &findings.problems {
        writeln!(output, "{problem}")?;
    }
    output.flush()?;
    let mut notes = io::stderr().lock();
    for note in &findings.notes {
        writeln!(notes, "{note}")?;
    }
    writeln!(notes, "{}", findings.summary())?;
    Ok(if findings.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

// === impl Findings ===

impl Findings {
    fn path(&mut self, judge: &Judge, path: &Path) {
        if path.as_os_str() == STDIN {
            let mut bytes = Vec::new();
            match io::stdin().lock().read_to_end(&mut bytes) {
                Ok(_) => self.file(judge, STDIN, &bytes),
                Err(error) => self.unreadable(path, &error.to_string()),
            }
            return;
        }
        match files(path) {
            Ok(files) if files.is_empty() => {
                self.unreadable(path, "the folder has no .yaml, .yml or .json file")
            }
            Ok(files) => {
                for file in files {
                    match std::fs::read(&file) {
                        Ok(bytes) => self.file(judge, &file.to_string_lossy(), &bytes),
                        Err(error) => self.unreadable(&file, &error.to_string()),
                    }
                }
            }
            Err(error) => self.unreadable(path, &error.to_string()),
        }
    }

    fn file(&mut self, judge: &Judge, file: &str, bytes: &[u8]) {
        let content = Content::read(file, bytes);
        self.problems.extend(content.problems);
        for manifest in &content.manifests {
            if is_declaration(manifest) {
                self.definitions += 1;
                self.problems.extend(judge.judge(manifest).err().unwrap_or_default());
            } else {
                self.notes.push(skipped(file, manifest));
            }
        }
    }

    fn unreadable(&mut self, path: &Path, why: &str) {
        let file = path.to_string_lossy().into_owned();
        self.problems.push(Problem { file, line: 1, field: String::new(), message: why.to_owned() });
    }

    fn summary(&self) -> String {
        let count = |count: usize, what: &str| match count {
            1 => format!("1 {what}"),
            count => format!("{count} {what}s"),
        };
        format!("{} checked, {}", count(self.definitions, "definition"), count(self.problems.len(), "error"))
    }
}

fn skipped(file: &str, manifest: &Manifest) -> String {
    let (kind, version) = (manifest.text("kind"), manifest.text("apiVersion"));
    format!("{file}:{}: note: skipped, {kind} of {version} is no AggregatedAPI", manifest.line(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_is_sound() {
        let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
        let mut findings = Findings::default();
        findings.path(&Judge::new().unwrap(), &examples);
        assert_eq!(findings.problems, []);
        assert!(findings.definitions >= 2, "{findings:?}");
        assert!(
            findings
                .notes
                .iter()
                .any(|note| note.contains("customtask.json:1: note: skipped, CustomTask of"))
        );
    }

    #[test]
    fn what_cannot_be_read_is_an_error() {
        let judge = Judge::new().unwrap();
        let empty = std::env::temp_dir().join(format!("tributary-check-{}", std::process::id()));
        std::fs::create_dir_all(&empty).unwrap();
        let mut findings = Findings::default();
        findings.path(&judge, &empty);
        findings.path(&judge, &empty.join("missing.yaml"));
        std::fs::remove_dir(&empty).unwrap();
        let messages: Vec<_> = findings.problems.iter().map(|problem| problem.message.as_str()).collect();
        let missing = "No such file or directory (os error 2)";
        assert_eq!(messages, ["the folder has no .yaml, .yml or .json file", missing]);
        assert_eq!(findings.summary(), "0 definitions checked, 2 errors");
    }
}
