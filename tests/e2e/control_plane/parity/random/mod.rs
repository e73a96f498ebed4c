//! Random requests, valid and invalid, to a gateway and to a custom resource with the same schema: nothing differs but
//! what is listed, no refused request changes anything, and nothing gets an error of the server's own that a custom
//! resource would not give.
//!
//! `TRIBUTARY_PARITY_REQUESTS` says how many, `TRIBUTARY_PARITY_SEED` which (`random`: others each time). What is wrong
//! is shown with the seed and the fewest and smallest requests that lead to it.

mod definitions;
mod dice;
mod generator;
mod lane;
mod objects;
mod options;
mod report;
mod schema;
mod shrink;
mod values;

use std::sync::{Arc, Mutex};

use tokio::task::JoinSet;

use super::LABEL;
use super::custom::{custom_resources, serve_too};
use super::side::Side;
use crate::harness::Served;
pub(super) use definitions::spec;
use generator::Generator;
use lane::Lane;
use report::Report;

const REQUESTS: usize = 2_000;
/// The noise of the suite is looked for in fewer.
const NOISE_REQUESTS: usize = 400;
const SEED: u64 = 20_261_123;
const LANES: usize = 6;
const NOISE_LANES: usize = 2;
/// A lane begins anew after so many requests: what is wrong is found again with few.
const ROUND: usize = 120;

/// What all lanes of a run know.
struct Run {
    seed: u64,
    /// For each lane.
    requests: usize,
    report: Mutex<Report>,
}

fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn run(requests: usize, lanes: usize) -> Arc<Run> {
    let requests = requests.div_ceil(lanes);
    let seed = match setting("TRIBUTARY_PARITY_SEED").as_deref() {
        None => SEED,
        Some("random") => u64::from(rand::random::<u32>()),
        Some(seed) => seed.parse().unwrap_or_else(|error| panic!("TRIBUTARY_PARITY_SEED: {error}")),
    };
    println!("seed {seed}");
    Arc::new(Run { seed, requests, report: Mutex::default() })
}

#[tokio::test]
async fn random_requests_are_answered_as_by_a_custom_resource() {
    let requests = setting("TRIBUTARY_PARITY_REQUESTS");
    let requests = requests.map_or(REQUESTS, |requests| requests.parse().unwrap());
    let run = run(requests, LANES);
    let spec = definitions::spec(LANES);
    let mut served = Served::start(LABEL, spec.clone()).await;
    serve_too(&mut served, "v2").await;
    let custom = custom_resources(&mut served, &spec, LABEL).await;
    let group = served.group.clone();
    let report = finish(run.clone(), &served, [&group, &custom], LANES, true).await;
    println!("seed {}: {report}", run.seed);
    assert_eq!(
        report.mistakes(),
        0,
        "TRIBUTARY_PARITY_SEED={} TRIBUTARY_PARITY_REQUESTS={requests}",
        run.seed
    );
}

#[tokio::test]
async fn two_custom_resources_answer_the_same() {
    let run = run(NOISE_REQUESTS, NOISE_LANES);
    let spec = definitions::spec(NOISE_LANES);
    let mut served = Served::start("noise", crate::tasks::spec()).await;
    let first = custom_resources(&mut served, &spec, LABEL).await;
    let second = custom_resources(&mut served, &spec, LABEL).await;
    let report = finish(run.clone(), &served, [&first, &second], NOISE_LANES, false).await;
    println!("seed {}: {report}", run.seed);
    assert_eq!(report.mistakes() + report.listed(), 0, "TRIBUTARY_PARITY_SEED={}", run.seed);
}

/// Runs all lanes, and returns what they found.
async fn finish(run: Arc<Run>, served: &Served, groups: [&str; 2], lanes: usize, gateway: bool) -> Report {
    let admin = &served.cluster.admin;
    let owner = admin.get("/api/v1/namespaces/default").await.expect(200);
    let owner = owner["metadata"]["uid"].as_str().unwrap();
    let mut tasks = JoinSet::new();
    for lane in 0..lanes {
        let mut words = definitions::words(lane).to_vec();
        words.extend([
            ("n", served.namespace.clone()),
            ("m", "default".to_owned()),
            ("missing", "no-such-namespace".to_owned()),
            ("owner", owner.to_owned()),
        ]);
        let sides = groups.map(|group| Side::new(admin, group, &words));
        tasks.spawn(one(run.clone(), Lane::new(sides, gateway), lane as u64));
    }
    while let Some(lane) = tasks.join_next().await {
        lane.unwrap();
    }
    std::mem::take(&mut *run.report.lock().unwrap())
}

/// One lane to its end.
async fn one(run: Arc<Run>, mut lane: Lane, number: u64) {
    let mut generator = Generator::new(run.seed.wrapping_add(number));
    let mut sequence = Vec::new();
    for index in 1..=run.requests {
        let request = generator.next(index);
        sequence.push((index, request.clone()));
        let outcome = lane.ask(index, &request).await;
        generator.learn(&request, &outcome.answer);
        let to_shrink = {
            let mut report = run.report.lock().unwrap();
            report.answered(outcome.theirs.as_u16());
            outcome.rule.into_iter().for_each(|rule| report.excused(rule));
            outcome.wrong.as_ref().is_some_and(|wrong| report.wrong(wrong, &request))
        };
        if let Some(wrong) = &outcome.wrong
            && to_shrink
        {
            let shrunken = shrink::shrink(&mut lane, std::mem::take(&mut sequence), wrong.clone()).await;
            run.report.lock().unwrap().shrunken(wrong, &request, &shrunken);
        }
        if to_shrink || outcome.parted || sequence.len() >= ROUND {
            lane.clear().await;
            generator.forget();
            sequence.clear();
        }
    }
    lane.clear().await;
}
