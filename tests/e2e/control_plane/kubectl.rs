//! A group from one definition, through kubectl.

use serde_json::json;

use crate::harness::{Served, words};
use crate::tasks::{self, qualified};

#[tokio::test]
async fn objects() {
    let served = Served::start("objects", tasks::spec()).await;
    let (g, n) = (&served.group, &served.namespace);
    let task = |name: &str| tasks::task(g, name).to_string();
    let cluster_task = tasks::cluster_task(g, "foo").to_string();
    let foo = served.path("/namespaces/default/customtasks/foo");
    let bar = json!({"apiVersion": format!("{g}/v1"), "kind": "CustomTask", "spec": {"title": "Unnamed"}})
        .to_string();
    // What kubectl prints, by lines and words; ages are left to the end of a line.
    for (input, arguments, expected) in [
        ("", format!("get customtasks -n {n}"), vec![]),
        (&task("a"), format!("create -n {n} -f -"), vec![format!("customtask.{g}/a created")]),
        (&task("b"), format!("create -n {n} -f -"), vec![format!("customtask.{g}/b created")]),
        (&cluster_task, "create -f -".to_owned(), vec![format!("clustertask.{g}/foo created")]),
        (
            &bar,
            format!("create --raw {foo} -f -"),
            vec![format!(r#"{{"apiVersion":"{g}/v1","kind":"CustomTask","metadata":{{"creationTimestamp":"#)],
        ),
        (
            "",
            format!("get customtasks -n {n}"),
            vec!["NAME TITLE TOTAL AGE".into(), "a Task a 3".into(), "b Task b 3".into()],
        ),
        ("", format!("get customtask b -n {n}"), vec!["NAME TITLE TOTAL AGE".into(), "b Task b 3".into()]),
        (
            "",
            format!("get ct.{g} -o wide -n {n}"),
            vec!["NAME TITLE TOTAL COLOR AGE".into(), "a Task a 3 green".into(), "b Task b 3 green".into()],
        ),
        (
            "",
            "get customtasks -A".to_owned(),
            vec![
                "NAMESPACE NAME TITLE TOTAL AGE".into(),
                "default foo Unnamed 1".into(),
                format!("{n} a Task a 3"),
                format!("{n} b Task b 3"),
            ],
        ),
        ("", "get clustertasks".to_owned(), vec!["NAME AGE".into(), "foo".into()]),
        (
            "",
            format!("get customtasks/a clustertasks/foo -o name -n {n}"),
            vec![format!("customtask.{g}/a"), format!("clustertask.{g}/foo")],
        ),
        (
            "",
            format!("get customtask a -n {n} -o jsonpath={{.spec}}"),
            vec![r#"{"color":"green","title":"Task a","total":3}"#.into()],
        ),
        (
            "",
            "get clustertask foo -o jsonpath={.spec}".to_owned(),
            vec![r#"{"nested":{"numbers":[1,2.5,null]},"title":"anything"}"#.into()],
        ),
        (
            "",
            format!("delete customtask a -n {n} --wait=false"),
            vec![format!("customtask.{g} \"a\" deleted from {n} namespace")],
        ),
        (
            "",
            format!("delete customtasks --all -n {n}"),
            vec![format!("customtask.{g} \"b\" deleted from {n} namespace")],
        ),
        ("", "delete clustertask foo".to_owned(), vec![format!("clustertask.{g} \"foo\" deleted")]),
        ("", format!("get customtasks -n {n}"), vec![]),
        ("", format!("get --raw {}", served.path("/foo")), vec!["foo".into()]),
        ("", format!("get --raw {}", served.path("/foo/bar")), vec!["bar".into()]),
    ] {
        let printed = served.kubectl.run_with(input, &qualified(&arguments, g)).await.success();
        let lines: Vec<_> = printed.lines().map(words).collect();
        let fits = lines.len() == expected.len()
            && lines.iter().zip(&expected).all(|(line, start)| line.starts_with(start));
        assert!(fits, "kubectl {arguments}: {lines:#?} instead of {expected:#?}");
    }
}

#[tokio::test]
async fn yaml_of_an_object() {
    let served = Served::start("yaml", tasks::spec()).await;
    let n = &served.namespace;
    served
        .kubectl
        .run_with(&tasks::task(&served.group, "a").to_string(), &format!("create -n {n} -f -"))
        .await
        .success();
    let object = served.cluster.admin.get(&served.namespaced("/customtasks/a")).await.expect(200);
    let text = |field: &str| object["metadata"][field].as_str().unwrap().to_owned();
    let expected = format!(
        "apiVersion: {}/v1\nkind: CustomTask\nmetadata:\n  creationTimestamp: \"{}\"\n  generation: 1\n  name: a\n  \
         namespace: {n}\n  resourceVersion: \"{}\"\n  uid: {}\nspec:\n  color: green\n  title: Task a\n  total: 3\n",
        served.group,
        text("creationTimestamp"),
        text("resourceVersion"),
        text("uid")
    );
    assert_eq!(
        served.kubectl.says(&qualified(&format!("get customtask a -n {n} -o yaml"), &served.group)).await,
        expected
    );
}

#[tokio::test]
async fn lists() {
    let served = Served::start("lists", tasks::spec()).await;
    let n = &served.namespace;
    let tasks: Vec<_> = (0..25)
        .map(|number| {
            let mut task = tasks::task(&served.group, &format!("t{number:02}"));
            task["metadata"]["labels"] =
                json!({"parity": if number % 2 == 0 { "even" } else { "odd" }, "number": number.to_string()});
            task
        })
        .collect();
    let list = json!({"apiVersion": "v1", "kind": "List", "items": tasks}).to_string();
    served.kubectl.run_with(&list, &format!("create -n {n} --validate=ignore -f -")).await.success();
    let everything = (0..25).map(|number| format!("t{number:02}")).collect::<Vec<_>>().join(" ");
    for (arguments, expected) in [
        ("--chunk-size=10", everything.as_str()),
        ("--chunk-size=0", &everything),
        ("--selector=number=7", "t07"),
        ("--selector=parity=odd,number!=1 --field-selector=metadata.name=t03", "t03"),
        ("--selector=number\u{a0}in\u{a0}(4,5)", "t04 t05"),
        ("--selector=!number", ""),
        ("--field-selector=metadata.namespace=elsewhere", ""),
        ("--field-selector=metadata.name!=t00 --selector=number\u{a0}in\u{a0}(0,1)", "t01"),
    ] {
        let arguments = format!("get customtasks -n {n} -o jsonpath={{.items[*].metadata.name}} {arguments}");
        assert_eq!(served.kubectl.says(&qualified(&arguments, &served.group)).await, expected, "{arguments}");
    }
    let mut path = served.namespaced("/customtasks?limit=10");
    let mut pages = Vec::new();
    let mut revisions = Vec::new();
    loop {
        let page = served.cluster.admin.get(&path).await.expect(200);
        pages.push((page["items"].as_array().unwrap().len(), page["metadata"]["remainingItemCount"].clone()));
        revisions.push(page["metadata"]["resourceVersion"].clone());
        match page["metadata"]["continue"].as_str() {
            Some("") | None => break,
            Some(token) => path = served.namespaced(&format!("/customtasks?limit=10&continue={token}")),
        }
    }
    assert_eq!(pages, [(10, json!(15)), (10, json!(5)), (5, json!(null))]);
    assert!(
        revisions.iter().all(|revision| *revision == revisions[0]),
        "one list, one revision: {revisions:?}"
    );
}

#[tokio::test]
async fn creating() {
    let served = Served::start("creating", tasks::spec()).await;
    let (g, n) = (&served.group, &served.namespace);
    let mut generated = tasks::task(g, "");
    generated["metadata"] = json!({"generateName": "task-"});
    let printed = served
        .kubectl
        .run_with(&generated.to_string(), &format!("create -n {n} --validate=ignore -f - -o name"))
        .await
        .success();
    let name = printed.trim().strip_prefix(&format!("customtask.{g}/task-")).unwrap();
    assert_eq!(name.len(), 5, "{name}");

    let dry = tasks::task(g, "dry").to_string();
    let printed = served
        .kubectl
        .run_with(&dry, &format!("create -n {n} --validate=ignore --dry-run=server -f -"))
        .await
        .success();
    assert_eq!(printed, format!("customtask.{g}/dry created (server dry run)\n"));
    served.kubectl.fails(&qualified(&format!("get customtask dry -n {n}"), &served.group)).await;
    served
        .kubectl
        .says(&qualified(&format!("delete customtask task-{name} -n {n} --dry-run=server"), &served.group))
        .await;
    served.kubectl.says(&qualified(&format!("get customtask task-{name} -n {n}"), &served.group)).await;
}

#[tokio::test]
async fn columns_by_expression() {
    let mut spec = tasks::spec();
    spec["resources"][0]["versions"][0]["additionalPrinterColumns"] = json!([
        {"name": "Headline", "type": "string", "expression": "object.spec.title.upperAscii()"},
        {"name": "Double", "type": "integer", "expression": "object.spec.total * 2"},
        {"name": "Color", "type": "string", "expression": "object.spec.?color", "priority": 1},
        {"name": "Fails", "type": "string", "expression": "object.spec.title[7]"},
    ]);
    let served = Served::start("columns", spec).await;
    let (g, n) = (&served.group, &served.namespace);
    let create = |name: &str| (tasks::task(g, name).to_string(), format!("create -n {n} -f -"));
    let (input, arguments) = create("a");
    served.kubectl.run_with(&input, &arguments).await.success();
    let lines = async |arguments: &str| -> Vec<String> {
        served
            .kubectl
            .says(&format!("get customtasks.{g} -n {n}{arguments}"))
            .await
            .lines()
            .map(words)
            .collect()
    };
    assert_eq!(lines("").await, ["NAME HEADLINE DOUBLE FAILS", "a TASK A 6"]);
    assert_eq!(lines(" -o wide").await, ["NAME HEADLINE DOUBLE COLOR FAILS", "a TASK A 6 green"]);
    let patch = format!("patch customtasks.{g} a -n {n} --type=merge -p {{\"spec\":{{\"total\":5}}}}");
    served.kubectl.says(&patch).await;
    assert_eq!(lines("").await, ["NAME HEADLINE DOUBLE FAILS", "a TASK A 10"]);
}
