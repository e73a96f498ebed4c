//! Lists that are to be newer than what is known.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_list_is_tried_until_it_is_newer_and_taken_after_that() {
    let rows: [(&[&str], &[&str], usize); 4] = [
        (&["5", "7", "8"], &["begun", "complete 8"], 3),
        (&["5", "5", "5", "5", "5", "5"], &["begun", "complete 5"], 6),
        (&["", "5", "8"], &["unavailable", "begun", "complete 8"], 3),
        // A page that is lost begins the list again, which is to be as new as the first.
        (&["8+", "", "5", "8"], &["begun", "unavailable", "begun", "complete 8"], 4),
    ];
    for (versions, expected, requests) in rows {
        let reply = |version: &&str| match version.strip_suffix('+') {
            Some(version) => list(version, "more", &[]),
            None if version.is_empty() => refusal(503),
            None => list(version, "", &[]),
        };
        let replies = std::sync::Mutex::new(versions.iter().map(reply).collect::<Vec<_>>().into_iter());
        let (events, asked) =
            told(7, expected.len(), move |_, _| replies.lock().unwrap().next().unwrap_or(Reply::Never)).await;
        let lists = asked.iter().filter(|asked| !asked.contains("watch=true")).count();
        assert_eq!(events, expected, "{versions:?}");
        assert_eq!(lists, requests, "{versions:?}");
    }
}

/// A list after a watch that cannot go on, told by a server that lags behind the one that watched.
#[tokio::test(start_paused = true)]
async fn a_list_anew_is_tried_until_it_has_what_was_told() {
    let change = || Reply::Watch(vec![event("MODIFIED", pod("p", 9))]);
    let told = ["begun", "complete 5", "applied p 9"];
    let rows: [(&str, Reply, &[&str], &[&str], usize); 5] = [
        ("it is older at first", refusal(410), &["8", "8", "9"], &["begun", "complete 9"], 3),
        ("it has as much at once", refusal(410), &["9"], &["begun", "complete 9"], 1),
        ("the source was restored", refusal(410), &["4"; 7], &["begun", "complete 4"], 6),
        ("its revisions are no numbers", refusal(410), &["x"; 7], &["begun", "complete 0"], 6),
        // Refused and served again, by a server that lags.
        ("it was forbidden for a while", refusal(403), &["8", "9"], &["forbidden", "begun", "complete 9"], 2),
    ];
    for (name, refused, versions, expected, lists) in rows {
        let forbidden = matches!(refused, Reply::Answer(403, ..));
        let mut replies = vec![list("5", "", &[]), change(), refused];
        replies.extend(forbidden.then(|| Reply::Watch(Vec::new())));
        replies.extend(versions.iter().map(|version| list(version, "", &[])));
        let (events, asked) = told_of(replies, told.len() + expected.len()).await;
        assert_eq!(events, [&told, expected].concat(), "{name}");
        let asked = asked.iter().filter(|asked| !asked.contains("watch=true")).count();
        assert_eq!(asked, 1 + lists, "{name}");
    }
}
