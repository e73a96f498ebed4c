//! Requests made to break a server: each is refused within bounds, and others are served meanwhile.

use std::time::{Duration, Instant};

use http::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::harness::{Caller, Served, Streams};
use crate::tasks;

/// What a gateway may grow by while it refuses the requests of this module, in bytes.
const GROWTH: u64 = 100 << 20;
/// What another caller may have to wait meanwhile.
const WAIT: Duration = Duration::from_secs(3);

#[tokio::test]
async fn hostile_bodies() {
    let served = Served::start("bodies", tasks::spec()).await;
    let caller = served.cluster.admin.clone().header("Content-Type", "application/json");
    let path = served.namespaced("/customtasks");
    let before = served.gateway.memory();
    let depth = 100_000;
    let head = format!(
        r#"{{"apiVersion":"{}/v1","kind":"CustomTask","metadata":{{"name":"x"}},"spec":"#,
        served.group
    );
    let repeat = |text: &str, times: usize| format!("{head}{}", text.repeat(times));
    for (case, body, code) in [
        ("arrays in arrays", format!("{}{}}}", repeat("[", depth), "]".repeat(depth)).into_bytes(), 400),
        (
            "objects in objects",
            format!("{}1{}}}", repeat(r#"{"a":"#, depth), "}".repeat(depth)).into_bytes(),
            400,
        ),
        ("never closed", vec![b'['; 3 << 20], 400),
        ("a million digits", format!("{}}}", repeat("9", 1 << 20)).into_bytes(), 400),
        (
            "half a million fields",
            format!("{head}{{\"title\":\"x\"{}}}}}", r#","z":1"#.repeat(400_000)).into(),
            201,
        ),
        ("no UTF-8", [head.as_bytes(), &[b'"', 0xff, b'"', b'}']].concat(), 400),
    ] {
        let began = Instant::now();
        let answer = caller.send(Method::POST, &path, body).await;
        let text = answer.text();
        assert_eq!(answer.code(), code, "{case}: {}", &text[..text.len().min(500)]);
        println!("{case}: {code} after {:.2} s", began.elapsed().as_secs_f64());
        still_serving(&served.cluster.admin, &path).await;
    }
    let grown = served.gateway.memory().saturating_sub(before);
    println!("hostile bodies made the gateway {} MiB bigger", grown >> 20);
    assert!(grown < GROWTH, "{grown}");
}

#[tokio::test]
async fn hostile_headers() {
    let served = Served::start("headers", tasks::spec()).await;
    let caller = served.straight();
    let path = served.namespaced("/customtasks");
    let many = (0..1500)
        .fold(caller.clone(), |caller, number| caller.header("X-Remote-Group", &format!("group-{number}")));
    assert_eq!(many.get(&path).await.code(), 200, "a user of 1500 groups");
    let more = (0..4000)
        .fold(caller.clone(), |caller, number| caller.header("X-Remote-Group", &format!("group-{number}")));
    assert_eq!(more.get(&path).await.code(), 431, "4000 groups");
    let long = caller.clone().header("X-Long", &"x".repeat(1 << 20)).try_send(Method::GET, &path, "").await;
    assert!(long.as_ref().is_err() || long.as_ref().is_ok_and(|answer| answer.code() == 431), "{long:?}");
    assert_eq!(
        caller.clone().header("X-Remote-User", "v").get(&path).await.code(),
        200,
        "the first of two users"
    );
    still_serving(&caller, &path).await;
}

/// Two messages in one, for servers that disagree about where the first ends.
#[tokio::test]
async fn smuggled_requests() {
    let served = Served::start("smuggled", tasks::spec()).await;
    let proxy = served.cluster.identity("front-proxy-client");
    let caller = served.gateway.caller(Some(&proxy));
    let path = served.path("/clustertasks");
    let identity = "Host: g\r\nX-Remote-User: u\r\nX-Remote-Group: system:masters\r\n";
    let inner = tasks::cluster_task(&served.group, "smuggled").to_string();
    let length = inner.len();
    let hidden = format!(
        "POST {path} HTTP/1.1\r\n{identity}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{inner}"
    );
    let longer = hidden.len() + 5;
    for (case, head) in [
        ("length and chunks", format!("Content-Length: {longer}\r\nTransfer-Encoding: chunked\r\n")),
        ("two lengths", "Content-Length: 5\r\nContent-Length: 6\r\n".to_owned()),
        ("a length with a sign", "Content-Length: +5\r\n".to_owned()),
        ("an unknown coding", "Transfer-Encoding: chunked, identity\r\n".to_owned()),
        ("a space before the colon", "Transfer-Encoding : chunked\r\n".to_owned()),
    ] {
        let text = format!("POST {path} HTTP/1.1\r\n{identity}{head}\r\n0\r\n\r\n{hidden}");
        let line = first_line(&caller, &text).await;
        println!("{case}: {line}");
        assert!(line.is_empty() || line.contains(" 400 "), "{case}: {line}");
    }
    let user = caller.clone().brought_as_admin();
    let smuggled = user.get(&format!("{path}/smuggled")).await;
    assert_eq!(smuggled.code(), 404, "a hidden request was taken for one: {}", smuggled.text());
    let line = first_line(&caller, &hidden).await;
    assert!(line.contains(" 201 "), "the hidden request by itself is a good one: {line}");
}

/// Sends bytes as they are; the first line of the answer, empty if there is none.
async fn first_line(caller: &Caller, text: &str) -> String {
    let mut stream = caller.connect().await;
    // The server may close before it has read everything.
    let _ = stream.write_all(text.as_bytes()).await;
    let mut answer = vec![0; 64 << 10];
    let read = tokio::time::timeout(WAIT, stream.read(&mut answer)).await;
    let length = read.ok().and_then(Result::ok).unwrap_or_default();
    String::from_utf8_lossy(&answer[..length]).lines().next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn slow_clients_stop_nobody() {
    let served = Served::start("slow", tasks::spec()).await;
    let caller = served.gateway.caller(None);
    let (mut open, mut silent) = (Vec::new(), Vec::new());
    for _ in 0..200 {
        let mut stream = caller.connect().await;
        stream.write_all(b"GET /livez HTTP/1.1\r\nHost: ").await.unwrap();
        open.push(stream);
    }
    for _ in 0..20 {
        // Not even a TLS handshake.
        silent.push(TcpStream::connect(&served.gateway.address).await.unwrap());
        still_serving(&served.cluster.admin, &served.path("/customtasks")).await;
    }
    assert_eq!(caller.get("/livez").await.code(), 200);
    // The header has to be complete within 32 s; this is the one wait that cannot be for a level.
    let began = Instant::now();
    let mut answer = Vec::new();
    let closed = tokio::time::timeout(Duration::from_secs(45), open[0].read_to_end(&mut answer)).await;
    assert!(closed.is_ok(), "a connection without a complete header stays open");
    println!("a header that does not end closes its connection after {:.1} s", began.elapsed().as_secs_f64());
}

/// Requests that are given up as soon as they are sent cost their sender more than the gateway (CVE-2023-44487).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn floods_of_resets() {
    const CONNECTIONS: usize = 10;
    const RESETS: usize = 5_000;
    let served = Served::start("resets", tasks::spec()).await;
    let path = served.namespaced("/customtasks");
    for name in 0..50 {
        let task = tasks::task(&served.group, &format!("t{name}"));
        served.cluster.admin.post(&path, &task).await.expect(201);
    }
    let before = served.gateway.memory();
    for (case, caller) in
        [("the front proxy's", served.straight()), ("a stranger's", served.gateway.caller(None))]
    {
        let began = Instant::now();
        let mut floods = JoinSet::new();
        for _ in 0..CONNECTIONS {
            let (caller, path) = (caller.clone(), path.clone());
            floods.spawn(async move {
                let streams = Streams::open(&caller).await;
                let mut sent = 0;
                while sent < RESETS && streams.give_up(&path).await {
                    sent += 1;
                }
                sent
            });
        }
        let mut sent = 0;
        loop {
            tokio::select! {
                flood = floods.join_next() => match flood {
                    Some(flood) => sent += flood.unwrap(),
                    None => break,
                },
                () = still_serving(&served.cluster.admin, &path) => {}
            }
        }
        println!("{case} {sent} requests were given up within {:.1} s", began.elapsed().as_secs_f64());
        still_serving(&served.cluster.admin, &path).await;
    }
    let grown = served.gateway.memory().saturating_sub(before);
    println!("given up requests made the gateway {} MiB bigger", grown >> 20);
    assert!(grown < GROWTH, "{grown}");
}

async fn still_serving(caller: &Caller, path: &str) {
    let began = Instant::now();
    let answer = caller.get(path).await;
    assert_eq!(answer.code(), 200, "{}", answer.text());
    assert!(began.elapsed() < WAIT, "others wait {:?}", began.elapsed());
}
