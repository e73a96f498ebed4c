//! What kubectl knows of a group without its objects.

use std::time::Instant;

use crate::harness::{OPENAPI, Served, until, words};
use crate::tasks;

#[tokio::test]
async fn discovery_and_explanations() {
    let served = Served::start("explain", tasks::spec()).await;
    let g = &served.group;
    let printed = served.kubectl.says(&format!("api-resources --api-group={g} --sort-by=name")).await;
    let lines: Vec<_> = printed.lines().map(words).collect();
    let expected = [
        "NAME SHORTNAMES APIVERSION NAMESPACED KIND".to_owned(),
        format!("clustertasks {g}/v1 false ClusterTask"),
        format!("customtasks ct {g}/v1 true CustomTask"),
        format!("foo {g}/v1 false RawEndpoint"),
    ];
    assert_eq!(lines, expected);
    let began = Instant::now();
    let explained = until("kubectl explain", OPENAPI, async || {
        let output = served.kubectl.run(&format!("explain customtasks.spec --api-version={g}/v1")).await;
        if output.succeeded { Ok(output.stdout) } else { Err(output.stderr) }
    })
    .await;
    println!("kubectl explain knows a new group after {:.1} s", began.elapsed().as_secs_f64());
    for expected in [
        &format!("GROUP:      {g}\nKIND:       CustomTask\nVERSION:    v1\n\nFIELD: spec <Object>\n"),
        "DESCRIPTION:\n    What is to be done.\n",
        "  title\t<string> -required-\n    The task in one line.\n",
        "  total\t<integer>\n    How many steps it has.\n",
        "  color\t<string>\n  enum: red, green, blue\n",
    ] {
        assert!(explained.contains(expected), "{explained}");
    }
}
