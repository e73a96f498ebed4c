use super::*;

type Fields<'a> = &'a [(&'a str, &'a [u8])];

fn config(entries: &[(&str, &str)]) -> Result<RequestHeaders, RequestHeaderError> {
    RequestHeaders::parse(&entries.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect())
}

fn kubeadm() -> RequestHeaders {
    config(&[
        (USERNAME_KEY, r#"["X-Remote-User"]"#),
        (GROUP_KEY, r#"["X-Remote-Group"]"#),
        (EXTRA_KEY, r#"["X-Remote-Extra-"]"#),
        (NAMES_KEY, r#"["front-proxy-client"]"#),
    ])
    .unwrap()
}

fn everything() -> RequestHeaders {
    config(&[
        (USERNAME_KEY, r#"["X-User","X-Remote-User"]"#),
        (UID_KEY, r#"["X-Remote-Uid","X-Uid"]"#),
        (GROUP_KEY, r#"["X-Remote-Group","X-Group"]"#),
        (EXTRA_KEY, r#"["X-Extra-","X-Remote-Extra-"]"#),
    ])
    .unwrap()
}

fn header_map(fields: Fields<'_>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        headers.append(name.parse::<HeaderName>().unwrap(), HeaderValue::from_bytes(value).unwrap());
    }
    headers
}

fn user(name: &str, uid: &str, groups: &[&str], extra: &[(&str, &[&str])]) -> User {
    let owned = |values: &[&str]| values.iter().map(ToString::to_string).collect::<Vec<_>>();
    User {
        name: name.into(),
        uid: uid.into(),
        groups: owned(groups),
        extra: extra.iter().map(|(key, values)| (key.to_string(), owned(values))).collect(),
    }
}

#[test]
fn headers_name_the_user() {
    let check = |config: &RequestHeaders, fields: Fields<'_>, expected: Result<Option<User>, Unreadable>| {
        assert_eq!(config.user(&header_map(fields)), expected, "{fields:?}");
    };
    let ok = |name, uid, groups: &[&str], extra: &[(&str, &[&str])]| Ok(Some(user(name, uid, groups, extra)));
    let kubeadm = kubeadm();
    check(&kubeadm, &[], Ok(None));
    check(&kubeadm, &[("x-remote-user", b"")], Ok(None));
    check(&kubeadm, &[("x-remote-group", b"dev")], Ok(None));
    check(&kubeadm, &[("x-remote-user", b"jane")], ok("jane", "", &[], &[]));
    check(&kubeadm, &[("X-REMOTE-USER", b"jane"), ("x-remote-user", b"joe")], ok("jane", "", &[], &[]));
    check(&kubeadm, &[("x-remote-user", b""), ("x-remote-user", b"joe")], Ok(None));
    check(&kubeadm, &[("x-remote-user", "jürgen".as_bytes())], ok("jürgen", "", &[], &[]));
    check(&kubeadm, &[("x-remote-user", b"j\xff")], Err(Unreadable));
    check(&kubeadm, &[("x-remote-user", b"jane"), ("x-remote-group", b"\xff")], Err(Unreadable));
    check(&kubeadm, &[("x-remote-user", b"jane"), ("x-remote-extra-a", b"\xff")], Err(Unreadable));
    // The UID counts only where it is configured.
    check(&kubeadm, &[("x-remote-user", b"jane"), ("x-remote-uid", b"42")], ok("jane", "", &[], &[]));
    let groups: Fields<'_> = &[
        ("x-remote-user", b"jane"),
        ("x-remote-group", b"dev"),
        ("x-remote-group", b""),
        ("x-remote-group", b"ops,dev"),
    ];
    check(&kubeadm, groups, ok("jane", "", &["dev", "ops,dev"], &[]));
    let extra: Fields<'_> = &[
        ("x-remote-user", b"jane"),
        ("X-Remote-Extra-Scopes", b"one"),
        ("x-remote-extra-scopes", b""),
        ("x-remote-extra-example.com%2fKey", b"two"),
        ("x-remote-extra-bad%2", b"three"),
        ("x-remote-extra-bad%zz", b"four"),
        ("x-remote-extra-bad%ff", b"five"),
        ("x-remote-extra-%C3%BC", b"six"),
        ("x-remote-extr", b"no"),
    ];
    let expected: &[(&str, &[&str])] = &[
        ("scopes", &["one", ""]),
        ("example.com/key", &["two"]),
        ("bad%2", &["three"]),
        ("bad%zz", &["four"]),
        ("bad%ff", &["five"]),
        ("ü", &["six"]),
    ];
    check(&kubeadm, extra, ok("jane", "", &[], expected));

    let everything = everything();
    let fields: Fields<'_> = &[
        ("x-user", b""),
        ("x-remote-user", b"jane"),
        ("x-uid", b"7"),
        ("x-group", b"ops"),
        ("x-remote-group", b"dev"),
        ("x-remote-extra-k", b"second"),
        ("x-extra-k", b"first"),
    ];
    check(&everything, fields, ok("jane", "7", &["dev", "ops"], &[("k", &["first", "second"])]));
    check(&everything, &[("x-user", b"joe"), ("x-remote-user", b"jane")], ok("joe", "", &[], &[]));
    check(&RequestHeaders::default(), &[("x-remote-user", b"jane")], Ok(None));
}

#[test]
fn configuration_is_read_strictly() {
    let check = |key: &str, value: &str, expected: Result<(), RequestHeaderError>| {
        assert_eq!(config(&[(key, value)]).map(drop), expected, "{key} {value}");
    };
    check(USERNAME_KEY, "", Ok(()));
    check(USERNAME_KEY, "null", Ok(()));
    check(USERNAME_KEY, "[]", Ok(()));
    check(USERNAME_KEY, "X-Remote-User", Err(RequestHeaderError::NotStrings(USERNAME_KEY)));
    check(NAMES_KEY, "[1]", Err(RequestHeaderError::NotStrings(NAMES_KEY)));
    check(GROUP_KEY, r#"["a b"]"#, Err(RequestHeaderError::NotAHeader(GROUP_KEY)));
    check(UID_KEY, r#"[""]"#, Err(RequestHeaderError::NotAHeader(UID_KEY)));
    check(EXTRA_KEY, r#"[""]"#, Err(RequestHeaderError::NotAHeader(EXTRA_KEY)));
    check("requestheader-something-new", "{", Ok(()));
}

#[test]
fn names_are_allowed_exactly_or_all() {
    let kubeadm = kubeadm();
    assert!(kubeadm.allows("front-proxy-client"));
    assert!(!kubeadm.allows("front-proxy-client2"));
    assert!(!kubeadm.allows(""));
    assert!(everything().allows("anyone"));
}

#[test]
fn nothing_that_names_a_caller_is_left() {
    let check = |config: &RequestHeaders, expected: &[&str]| {
        let names = [
            "authorization",
            "x-remote-user",
            "x-remote-uid",
            "x-remote-group",
            "x-remote-extra-scopes",
            "x-user",
            "x-uid",
            "x-group",
            "x-extra-a",
            "accept",
            "x-remote-extra",
        ];
        let mut headers = HeaderMap::new();
        for name in names {
            headers.append(name, HeaderValue::from_static("one"));
            headers.append(name, HeaderValue::from_static("two"));
        }
        config.strip(&mut headers);
        let mut left: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, expected);
    };
    check(&everything(), &["accept", "x-remote-extra"]);
    check(&kubeadm(), &["accept", "x-extra-a", "x-group", "x-remote-extra", "x-uid", "x-user"]);
    check(
        &RequestHeaders::default(),
        &["accept", "x-extra-a", "x-group", "x-remote-extra", "x-uid", "x-user"],
    );
}
