//! 403, and 500 where it cannot be told (apiserver, `responsewriters/errors.go`).

use axum::response::{IntoResponse, Response};
use http::header::X_CONTENT_TYPE_OPTIONS;
use http::{HeaderValue, StatusCode, Uri};
use tributary_access::User;
use tributary_registry::{Details, Reason, Status};

use super::request_info::{RequestInfo, ResourceInfo};
use super::respond::{self, Refusal};

/// The caller may not do this.
pub(crate) fn refuse(user: &User, info: &RequestInfo, reason: &str) -> Response {
    let denied = match &info.resource {
        Some(resource) => resource_message(user, resource),
        None => {
            format!("User \"{}\" cannot {} path \"{}\"", escape(&user.name), info.method, escape(&info.path))
        }
    };
    let why = if reason.is_empty() { denied } else { format!("{denied}: {}", escape(reason)) };
    let status = match &info.resource {
        Some(resource) => of_resource(resource, &why),
        None => Status::failure(Reason::Forbidden, format!("forbidden: {why}")).with(Details::default()),
    };
    let mut response = Refusal(status).into_response();
    response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// The caller may read the view, but not what it reads.
pub(crate) fn refuse_source(
    user: &User,
    view: &ResourceInfo,
    source: &ResourceInfo,
    reason: &str,
) -> Response {
    let denied = resource_message(user, source);
    let why = if reason.is_empty() { denied } else { format!("{denied}: {}", escape(reason)) };
    Refusal(of_resource(view, &format!("it is read as its caller: {why}"))).into_response()
}

/// There is no decision.
pub(crate) fn internal_error(uri: &Uri, error: &str) -> Response {
    let path = uri.path_and_query().map_or("", |path| path.as_str());
    let body = format!("Internal Server Error: \"{}\": {error}\n", escape(path));
    respond::text(StatusCode::INTERNAL_SERVER_ERROR, body)
}

fn of_resource(info: &ResourceInfo, why: &str) -> Status {
    let name = escape(&info.name);
    let qualified = format!("{}.{}", escape(&info.resource), escape(&info.group));
    let message = match name.is_empty() {
        true => format!("{qualified} is forbidden: {why}"),
        false => format!("{qualified} \"{name}\" is forbidden: {why}"),
    };
    Status::failure(Reason::Forbidden, message).with(Details {
        name: info.name.clone(),
        group: info.group.clone(),
        kind: info.resource.clone(),
        ..Details::default()
    })
}

fn resource_message(user: &User, info: &ResourceInfo) -> String {
    let resource = match info.subresource.is_empty() {
        true => escape(&info.resource),
        false => format!("{}/{}", escape(&info.resource), escape(&info.subresource)),
    };
    let (user, verb, group) = (escape(&user.name), info.verb.as_str(), escape(&info.group));
    let place = match info.namespace.is_empty() {
        true => "at the cluster scope".to_owned(),
        false => format!("in the namespace \"{}\"", escape(&info.namespace)),
    };
    format!("User \"{user}\" cannot {verb} resource \"{resource}\" in API group \"{group}\" {place}")
}

/// What callers name themselves is not to be taken for markup.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::query;
    use http::Method;

    async fn message(path: &str) -> String {
        let uri: Uri = path.parse().unwrap();
        let info = RequestInfo::parse(&Method::GET, &uri, &query::parameters(&uri));
        let user = User { name: "<jane>".to_owned(), ..User::anonymous() };
        let response = refuse(&user, &info, "");
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        let status: serde_json::Value = serde_json::from_slice(&body).unwrap();
        status["message"].as_str().unwrap().to_owned()
    }

    #[tokio::test]
    async fn messages() {
        let jane = "User \"&lt;jane&gt;\" cannot";
        for (path, expected) in [
            (
                "/apis/g.x/v1/namespaces/n/tasks/a",
                format!(
                    "tasks.g.x \"a\" is forbidden: {jane} get resource \"tasks\" in API group \"g.x\" in the namespace \"n\""
                ),
            ),
            (
                "/apis/g.x/v1/tasks",
                format!(
                    "tasks.g.x is forbidden: {jane} list resource \"tasks\" in API group \"g.x\" at the cluster scope"
                ),
            ),
            (
                "/apis/g.x/v1/tasks/a/status",
                format!(
                    "tasks.g.x \"a\" is forbidden: {jane} get resource \"tasks/status\" in API group \"g.x\" at the cluster scope"
                ),
            ),
            ("/metrics", format!("forbidden: {jane} get path \"/metrics\"")),
        ] {
            assert_eq!(message(path).await, expected);
        }
    }
}
